#include "api/readiness/coverage.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

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

}  // namespace

Coverage CoverageOf(const Case& c) {
  const EvidenceSum sum = SumOf(c.evidence_days, c.window);
  std::map<std::string, ReporterCoverage> by_reporter;
  std::map<std::string, std::set<sys_days>> covered;
  for (const EvidenceRow* row : c.vouched) {
    ReporterCoverage& of = by_reporter[row->reporter];
    of.counted = c.IsCounted(*row);
    of.last_day =
        std::max(of.last_day, std::min(std::max(row->last_day, row->day), c.today));
    if (row->success_sessions + row->failure_sessions > 0) {
      covered[row->reporter].merge(DaysAgainst(*row, c.window));
    }
    if (c.IsOwn(*row) && row->policy_type == store::PolicyType::kSts &&
        Contains(c.window, row->day)) {
      of.sessions += row->success_sessions + row->failure_sessions;
    }
  }

  Coverage coverage;
  coverage.evidence_days = {sum.days.begin(), sum.days.end()};
  for (auto& [reporter, of] : by_reporter) {
    of.reporter = reporter;
    const auto& days = covered[reporter];
    of.days = {days.begin(), days.end()};
    of.cadence = CadenceOf(days.size(), c.settings.window_days);
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
  return coverage;
}

}  // namespace tlsrpt::api
