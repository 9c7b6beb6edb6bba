#include "api/readiness/lone_failure.h"

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "api/readiness/format.h"
#include "api/readiness/window.h"
#include "base/shell_word.h"

namespace tlsrpt::api {
namespace {

using store::EvidenceRow;
using store::ResultType;

// The future that the command accepts: as much again, for one more window.
constexpr int kTimesSeen = 2;

}  // namespace

std::string LoneWaiveAdvice(const Case& c) {
  const FailureSum open = c.Sum(c.vouched, c.window_and_since,
                                [](const EvidenceRow&, const Failure& failure) {
                                  return failure.standing == Standing::kOpen &&
                                         (failure.meaning == Meaning::kRefused ||
                                          failure.meaning == Meaning::kMxSuspect);
                                });
  if (open.by_reporter.size() != 1 || open.kinds.size() != 1) return "";
  const auto& [reporter, sessions] = *open.by_reporter.begin();
  const Failure& kind = open.kinds.begin()->second;
  if (kind.type != ResultType::kValidationFailure) return "";
  for (const EvidenceRow* row : open.rows) {
    for (const Failure& failure : c.Failures(*row)) {
      if (failure.type == ResultType::kValidationFailure && !failure.reason.empty()) {
        return "";
      }
    }
  }
  for (const auto& [day, count] : open.by_day) {
    if (count > c.settings.lone_failures_a_day) return "";
  }
  std::int64_t all = 0;
  for (const EvidenceRow* row : c.vouched) {
    if (row->reporter == reporter && c.IsOwn(*row) &&
        row->policy_type == store::PolicyType::kSts &&
        !DaysAgainst(*row, c.window_and_since).empty()) {
      all += row->success_sessions + row->failure_sessions;
    }
  }
  if (sessions * 1000 > all * c.settings.lone_failures_per_thousand) return "";
  // The MX must be in order by our own looks, after the last of them.
  const TimePoint since = EndOfPeriodsOn(open.by_day.rbegin()->first);
  if (!c.view.PassedSince(kind.mx, since, /*dane=*/false)) return "";

  store::Waiver waiver;
  waiver.reporter = reporter;
  waiver.result_type = kind.type_name;
  waiver.mx = kind.mx;
  waiver.why = "a lone failure without a reason, and the MX is in order";
  waiver.until = c.today + std::chrono::days{c.settings.window_days};
  waiver.max_sessions = std::min(kTimesSeen * sessions, store::kMaxWaivedSessions);
  return " It is a lone failure without a reason, and the MX is in order since. If you "
         "accept that: " +
         WaiveCommand(c.evidence.domain, waiver) + " .";
}

std::string WaiveCommand(const std::string& domain, const store::Waiver& waiver) {
  std::string command = "tlsrptd waive " + ShellWord(domain) + " --reporter " +
                        ShellWord(waiver.reporter) + " --result-type " +
                        ShellWord(waiver.result_type) + " --mx " + ShellWord(waiver.mx);
  if (!waiver.reason.empty()) command += " --reason " + ShellWord(waiver.reason);
  command += " --why " + ShellWord(waiver.why);
  if (waiver.until) {
    command += " --until " + DayText(*waiver.until) + " --max-sessions " +
               std::to_string(*waiver.max_sessions);
  }
  return command;
}

}  // namespace tlsrpt::api
