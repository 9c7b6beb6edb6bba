#include "api/readiness/low_traffic.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "api/readiness/bound.h"
#include "api/readiness/format.h"
#include "api/readiness/window.h"

namespace tlsrpt::api {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using store::EvidenceRow;

constexpr std::array<std::string_view, 3> kShort = {"days_covered", "reporters_seen",
                                                    "sessions_seen"};
constexpr std::array<std::string_view, 4> kLive = {"dns_records_valid", "policy_served",
                                                   "mx_hosts_ready", "id_in_step"};

bool IsOneOf(const auto& ids, std::string_view id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

Window LongWindow(const Case& c, sys_days today) {
  return WindowAt(today, c.settings.low_traffic_days, c.settings.settle_days);
}

}  // namespace

Window LowTrafficProbeDays(const Case& c, sys_days today) {
  return {today - days{c.settings.low_traffic_probe_days - 1}, today};
}

bool EnoughForLowTraffic(const Case& c, const EvidenceDays& evidence,
                         const std::set<sys_days>& passing, sys_days today) {
  const ReadinessSettings& s = c.settings;
  const Window window = LongWindow(c, today);
  const Window looks = LowTrafficProbeDays(c, today);
  const EvidenceSum sum = SumOf(evidence, window);
  const auto passed = std::count_if(passing.begin(), passing.end(),
                                    [&](sys_days day) { return Contains(looks, day); });
  return !evidence.empty() && evidence.begin()->first <= window.first_day &&
         static_cast<int>(sum.days.size()) >= s.low_traffic_min_days &&
         static_cast<int>(sum.reporters.size()) >= s.low_traffic_min_reporters &&
         sum.sessions >= s.low_traffic_min_sessions &&
         passed >= s.low_traffic_min_probe_days &&
         std::all_of(
             s.required_reporters.begin(), s.required_reporters.end(),
             [&](const std::string& name) { return sum.reporters.contains(name); });
}

LowTraffic LowTrafficOf(const Case& c, const std::vector<Criterion>& criteria) {
  LowTraffic low;
  low.window = LongWindow(c, c.today);
  if (!c.settings.low_traffic || !c.settings.live) return low;
  bool falls_short = false;
  for (const Criterion& criterion : criteria) {
    if (criterion.severity != Severity::kBlocking) continue;
    const bool open =
        criterion.status == Status::kFail || criterion.status == Status::kUnknown;
    if (IsOneOf(kShort, criterion.id)) {
      falls_short = falls_short || open;
    } else if (open ||
               (IsOneOf(kLive, criterion.id) && criterion.status != Status::kPass)) {
      return low;
    }
  }
  if (!falls_short) return low;

  // Nothing refused at all: what was waived or settled is too much for so little mail.
  const FailureSum refused = c.Sum(c.vouched, {low.window.first_day, c.today},
                                   [](const EvidenceRow&, const Failure& failure) {
                                     return failure.meaning == Meaning::kRefused;
                                   });
  const auto passing = c.view.PassingDays(LowTrafficProbeDays(c, c.today));
  const EvidenceSum sum = SumOf(c.evidence_days, low.window);
  low.sessions = sum.sessions;
  low.days = static_cast<std::int64_t>(sum.days.size());
  low.probe_days = static_cast<std::int64_t>(passing.size());
  low.applies =
      refused.empty() && EnoughForLowTraffic(c, c.evidence_days, passing, c.today);
  if (!low.applies) {
    low.missing = " With little mail it also takes " +
                  Counted(c.settings.low_traffic_days, "day") + " of testing with " +
                  Counted(c.settings.low_traffic_min_days, "covered day") + " (" +
                  CountText(low.days) + " so far), " +
                  Counted(c.settings.low_traffic_min_sessions, "session") + " (" +
                  CountText(low.sessions) +
                  "), nothing refused, and looks of our own that pass on " +
                  Counted(c.settings.low_traffic_min_probe_days, "day") + " of " +
                  std::to_string(c.settings.low_traffic_probe_days) + " (" +
                  CountText(low.probe_days) + ").";
  }
  return low;
}

void ApplyLowTraffic(const LowTraffic& low, std::vector<Criterion>& criteria) {
  for (Criterion& criterion : criteria) {
    if (!IsOneOf(kShort, criterion.id) || criterion.status == Status::kPass) continue;
    if (!low.applies) {
      criterion.remedy += low.missing;
      continue;
    }
    criterion.status = Status::kPass;
    criterion.remedy.clear();
    criterion.numbers.emplace_back("low_traffic_days_covered", low.days);
    criterion.numbers.emplace_back("low_traffic_sessions", low.sessions);
    criterion.numbers.emplace_back("low_traffic_probe_days", low.probe_days);
    criterion.sentence +=
        " Enough for a domain with little mail: " + Counted(low.sessions, "session") +
        " on " + Counted(low.days, "day") + " since " + DayText(low.window.first_day) +
        ", and our own looks passed on " + Counted(low.probe_days, "day") + ".";
  }
}

}  // namespace tlsrpt::api
