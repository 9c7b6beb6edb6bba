#include "api/readiness/earliest.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "api/readiness/failures.h"
#include "api/readiness/format.h"
#include "api/readiness/low_traffic.h"
#include "api/readiness/window.h"

namespace tlsrpt::api {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using store::EvidenceRow;

bool IsOpen(const Criterion& criterion) {
  return criterion.severity == Severity::kBlocking &&
         (criterion.status == Status::kFail || criterion.status == Status::kUnknown);
}

std::optional<sys_days> LastDayOf(const Case& c, Meaning meaning) {
  const FailureSum sum = c.OpenSum(meaning, c.window_and_since);
  if (sum.by_day.empty()) return std::nullopt;
  return sum.by_day.rbegin()->first;
}

bool IsOpen(const std::vector<Criterion>& criteria, std::string_view id) {
  return std::any_of(criteria.begin(), criteria.end(), [&](const Criterion& criterion) {
    return criterion.id == id && IsOpen(criterion);
  });
}

// The evidence of this window and since, with clean days added up to `last`: each
// reporter seen goes on at its average.
EvidenceDays Projected(const Case& c, sys_days last) {
  EvidenceDays evidence = c.evidence_days;
  const EvidenceSum seen = SumOf(c.evidence_days, c.window_and_since);
  for (sys_days day = c.window.last_day + days{1}; day <= last; day += days{1}) {
    for (const auto& [name, reporter] : seen.reporters) {
      std::int64_t& sessions = evidence[day][name];
      sessions = std::max(
          sessions, reporter.sessions / static_cast<std::int64_t>(reporter.days.size()));
    }
  }
  return evidence;
}

bool EnoughOn(const Case& c, sys_days today) {
  const ReadinessSettings& s = c.settings;
  const Window window = WindowAt(today, s.window_days, s.settle_days);
  const EvidenceDays evidence = Projected(c, window.last_day);
  if (s.low_traffic && s.live) {
    // Our own looks go on passing.
    const Window looks = LowTrafficProbeDays(c, today);
    std::set<sys_days> passing = c.view.PassingDays(looks);
    for (sys_days day = c.today; day <= today; day += days{1}) passing.insert(day);
    if (EnoughForLowTraffic(c, evidence, passing, today)) return true;
  }
  const EvidenceSum sum = SumOf(evidence, window);
  return evidence.begin()->first <= window.first_day &&
         static_cast<int>(sum.days.size()) >= s.min_days_covered &&
         !SumOf(evidence, LastDaysOf(window, s.recent_days)).days.empty() &&
         static_cast<int>(SoundReporters(sum, s).size()) >= s.min_reporters &&
         MissingRequired(sum, s).empty() && sum.sessions >= s.min_sessions;
}

// A look on the day after may settle what reports alone cannot.
bool LookMaySettle(const Case& c, Meaning meaning) {
  return c.settings.live && meaning == Meaning::kMxSuspect;
}

// The first day whose window is clear of every failure that blocks.
sys_days ClearFrom(const Case& c, const std::vector<Criterion>& criteria) {
  sys_days from = c.today;
  for (const Meaning meaning : {Meaning::kRefused, Meaning::kMxSuspect}) {
    const auto last = LastDayOf(c, meaning);
    if (!last) continue;
    from = std::max(from, LookMaySettle(c, meaning)
                              ? *last + days{1}
                              : FirstDayClearOf(*last, c.settings.window_days,
                                                c.settings.settle_days));
  }
  if (IsOpen(criteria, "policy_retrievable")) {
    if (const auto last = LastDayOf(c, Meaning::kRetrieval)) {
      from = std::max(from, FirstDayClearOf(*last, c.settings.retrieval_days,
                                            c.settings.settle_days));
    }
  }
  return from;
}

}  // namespace

EarliestReady EarliestReadyOf(const Case& c, const std::vector<Criterion>& criteria) {
  EarliestReady answer;
  std::vector<std::string> open;
  for (const Criterion& criterion : criteria) {
    if (IsOpen(criterion)) open.push_back(criterion.id);
  }
  if (open.empty()) {
    answer.day = c.today;
    answer.sentence = "Ready today.";
    return answer;
  }
  if (c.settings.live && !c.view.seen()) {
    answer.sentence =
        "Not known: nobody has looked at the live domain lately, and reports "
        "cannot stand in for that.";
    return answer;
  }
  std::vector<std::string> live;
  for (const char* id :
       {"dns_records_valid", "policy_served", "mx_hosts_ready", "id_in_step"}) {
    if (IsOpen(criteria, id)) live.push_back(id);
  }
  if (!live.empty()) {
    answer.sentence = "Not known: mend the live domain first (" + ListText(live) +
                      "); what is clean by then counts.";
    return answer;
  }
  if (IsOpen(criteria, "policy_in_testing")) {
    answer.sentence =
        "Not known: it has to be clear first that the policy is in testing; "
        "two weeks count from then.";
    return answer;
  }
  if (c.evidence_days.empty()) {
    answer.sentence =
        "Not known: the two weeks count from the first successful session "
        "that a counted reporter reports.";
    return answer;
  }
  const sys_days from = ClearFrom(c, criteria);
  // By then the window holds nothing but days to come.
  const sys_days horizon =
      c.today + days{std::max(c.settings.window_days, c.settings.low_traffic_days) +
                     c.settings.settle_days};
  for (sys_days day = from; day <= std::max(from, horizon); day += days{1}) {
    if (!EnoughOn(c, day)) continue;
    answer.day = day;
    answer.sentence = DayText(day) +
                      " at the earliest, if the reporters seen go on and "
                      "every day stays clean; open now: " +
                      ListText(open) +
                      ". A refused session, a removed mx pattern, a change of mode or a "
                      "silent reporter moves it.";
    return answer;
  }
  answer.sentence =
      "Not known: the reporters seen so far are too few or report too few "
      "sessions; another counted reporter or more mail would move it.";
  return answer;
}

}  // namespace tlsrpt::api
