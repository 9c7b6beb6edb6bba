#include "api/readiness/coverage.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "api/readiness/failures.h"
#include "api/readiness/format.h"
#include "api/readiness/window.h"

namespace tlsrpt::api {
namespace {

using std::chrono::sys_days;
using store::EvidenceRow;

// Two of fourteen days may be without mail and the reporter is still a daily one.
constexpr std::size_t kDailyGaps = 2;

std::string CadenceOf(std::size_t covered, int window_days) {
  const auto whole = static_cast<std::size_t>(window_days);
  if (covered == 0) return "silent";
  if (covered + kDailyGaps >= whole) return "daily";
  return covered * 2 >= whole ? "most days" : "some days";
}

std::optional<sys_days> SilentAfter(const std::set<sys_days>& reported, const Case& c) {
  if (reported.empty()) return std::nullopt;
  const sys_days last = *reported.rbegin();
  if (last >= LastDaysOf(c.window, c.settings.recent_days).first_day) return std::nullopt;
  const Window before{last - std::chrono::days{c.settings.window_days - 1}, last};
  const auto covered = static_cast<std::size_t>(
      std::distance(reported.lower_bound(before.first_day), reported.end()));
  if (CadenceOf(covered, c.settings.window_days) != "daily") return std::nullopt;
  return last;
}

}  // namespace

// What it goes on to say of an MX host, which serves others too, hides no silence.
std::optional<sys_days> FellSilentAfter(const std::set<sys_days>& own,
                                        const std::set<sys_days>& anywhere,
                                        const Case& c) {
  const auto after = SilentAfter(own, c);
  return after ? after : SilentAfter(anywhere, c);
}

Coverage CoverageOf(const Case& c) {
  const EvidenceSum sum = SumOf(c.evidence_days, c.window);
  std::map<std::string, ReporterCoverage> by_reporter;
  std::map<std::string, std::set<sys_days>> reported;      // up to today
  std::map<std::string, std::set<sys_days>> reported_own;  // of those, filed under it
  for (const EvidenceRow* row : c.vouched) {
    ReporterCoverage& of = by_reporter[row->reporter];
    of.counted = of.counted || c.IsCounted(*row);
    of.last_day =
        std::max(of.last_day, std::min(std::max(row->last_day, row->day), c.today));
    if (row->success_sessions + row->failure_sessions > 0) {
      std::set<sys_days> days =
          DaysAgainst(*row, {std::min(row->first_day, row->day), c.today});
      if (c.IsOwn(*row)) reported_own[row->reporter].insert(days.begin(), days.end());
      reported[row->reporter].merge(days);
    }
    if (c.IsOwn(*row) && row->policy_type == store::PolicyType::kSts &&
        Contains(c.window, row->day)) {
      of.sessions += row->success_sessions + row->failure_sessions;
    }
  }

  Coverage coverage;
  std::vector<std::string> silent;
  coverage.evidence_days = {sum.days.begin(), sum.days.end()};
  for (auto& [reporter, of] : by_reporter) {
    of.reporter = reporter;
    const auto& all = reported[reporter];
    const auto in_window = DaysIn(c.window, all);
    of.days.assign(in_window.begin(), in_window.end());
    of.cadence = CadenceOf(of.days.size(), c.settings.window_days);
    of.fell_silent_after = FellSilentAfter(reported_own[reporter], all, c);
    if (of.fell_silent_after) {
      silent.push_back(ReporterText(reporter) + " after " +
                       DayText(*of.fell_silent_after));
    }
    const auto evidence = sum.reporters.find(reporter);
    if (evidence != sum.reporters.end()) of.evidence_sessions = evidence->second.sessions;
    coverage.reporters.push_back(std::move(of));
  }
  std::stable_sort(coverage.reporters.begin(), coverage.reporters.end(),
                   [](const ReporterCoverage& a, const ReporterCoverage& b) {
                     return a.counted && !b.counted;
                   });
  coverage.sentence =
      Counted(static_cast<std::int64_t>(by_reporter.size()), "vouched reporter") +
      ", evidence on " + Counted(static_cast<std::int64_t>(sum.days.size()), "day") +
      " of " + std::to_string(c.settings.window_days) +
      ". Senders that do not report are not covered.";
  if (!silent.empty()) {
    coverage.sentence += " Wrote daily, and fell silent: " + ListText(silent) + ".";
  }
  return coverage;
}

}  // namespace tlsrpt::api
