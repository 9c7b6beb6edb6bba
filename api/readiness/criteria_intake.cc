// Rows `usual_reporters_in` and `intake_settled`: may a report still be on its way that
// would change the answer?

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "api/readiness/coverage.h"
#include "api/readiness/criteria.h"
#include "api/readiness/format.h"
#include "api/readiness/window.h"

namespace tlsrpt::api {

using std::chrono::days;
using std::chrono::sys_days;

namespace {

bool IsUsual(const Case& c, const std::set<sys_days>& reported) {
  return static_cast<std::int64_t>(reported.size()) * c.settings.usual_divisor >=
         c.settings.window_days;
}

// The days of the window that a report of `reporter` is in for. One that usually writes
// about the domain itself is not in with what it says of an MX host that serves others
// too; one that writes of nothing else is.
std::set<sys_days> AwaitedDays(const Case& c, const std::set<sys_days>& own,
                               const std::set<sys_days>& anywhere) {
  auto own_in_window = DaysIn(c.window, own);
  return IsUsual(c, own_in_window) ? own_in_window : DaysIn(c.window, anywhere);
}

// From 250 to PostgreSQL a report takes some 50 ms, so where one comes every 80 ms (a
// million a day) most heartbeats tell of an entry, and no domain would ever be ready.
// What came so recently is as if it came after the answer.
constexpr std::chrono::seconds kUnderWay{10};

// Whether reports wait there: for DNS, or for longer than that, by the node's clock or by
// ours, since it may have stopped with them. However old they seem: that clock may have
// been wrong when they came, and where there is little mail the answer rests on days of
// before the window.
bool Waits(const store::IntakeState::Node& node, TimePoint asked_at) {
  if (node.spool_waiting > 0) return true;
  if (!node.oldest_entry_at) return node.spool_depth > 0;  // nobody knows since when
  const TimePoint oldest = *node.oldest_entry_at;
  const TimePoint told_at = node.spool_read_at.value_or(node.heartbeat_at);
  return oldest > told_at || std::max(told_at, asked_at) - oldest > kUnderWay;
}

}  // namespace

Criterion UsualReportersIn(const Case& c) {
  Criterion answer = NewCriterion("usual_reporters_in");
  // A report that is this late is not coming; only a question about the past sees that.
  // One that came after `known_at` is left out, and was still awaited then.
  const bool too_late_to_wait =
      c.known_at - (c.window.last_day + days{1}) > c.settings.late_report;
  const Window recent = LastDaysOf(c.window, c.settings.recent_days);

  std::set<std::string> counted;
  for (const store::EvidenceRow* row : c.vouched) {
    if (c.IsCounted(*row)) counted.insert(row->reporter);
  }
  std::vector<std::string> missing;
  std::vector<const store::EvidenceRow*> rows;
  std::int64_t usual = 0;
  for (const std::string& reporter : counted) {
    const auto own = c.ReportedDays(reporter, Case::Filed::kOwn);
    const auto anywhere = c.ReportedDays(reporter, Case::Filed::kAnywhere);
    const auto reported = AwaitedDays(c, own, anywhere);
    const auto silent_after = FellSilentAfter(own, anywhere, c);
    if (!silent_after && !IsUsual(c, reported)) continue;
    ++usual;
    const sys_days last = silent_after ? *silent_after : *reported.rbegin();
    const bool last_day_in = reported.contains(c.window.last_day);
    if (last < recent.first_day || (!last_day_in && !too_late_to_wait)) {
      missing.push_back(reporter + " (last day reported: " + DayText(last) + ")");
      for (const store::EvidenceRow* row : c.vouched) {
        if (row->reporter == reporter && row->day == last) rows.push_back(row);
      }
    }
  }
  answer.numbers = {{"usual_reporters", usual},
                    {"missing", static_cast<std::int64_t>(missing.size())}};
  answer.evidence = ReferencesTo(rows, c.evidence.domain);
  if (missing.empty()) {
    answer.status = Status::kPass;
    answer.sentence =
        usual == 0 ? "No counted reporter reports on half of the days, so no "
                     "report for " +
                         DayText(c.window.last_day) + " is awaited."
                   : "Every usual reporter (" + std::to_string(usual) + ") has reported.";
  } else {
    answer.sentence =
        "Not in yet for " + DayText(c.window.last_day) + ": " + ListText(missing) + ".";
    answer.remedy =
        "Wait for the report; it may hold failures. If it does not come within "
        "three days, look for it in the quarantine, and check that the "
        "_smtp._tls record still points here. Who will never report again can be muted.";
  }
  return answer;
}

Criterion IntakeSettled(const Case& c) {
  Criterion answer = NewCriterion("intake_settled");
  const store::IntakeState& intake = c.evidence.intake;
  std::vector<std::string> open;
  std::vector<std::string> todo;
  std::int64_t waiting = 0;
  bool any_silent = false;
  bool any_ahead = false;
  bool any_waiting = false;
  for (const store::IntakeState::Node& node : intake.nodes) {
    if (c.asked_at - node.heartbeat_at > c.settings.max_heartbeat_age) {
      open.push_back("node " + node.name + " was last heard of at " +
                     TimeText(node.heartbeat_at));
      any_silent = true;
    }
    // With our own clock behind, what is refused today lies in days to come.
    if (node.heartbeat_at - c.asked_at > c.settings.max_heartbeat_age) {
      open.push_back("node " + node.name + " was heard of at " +
                     TimeText(node.heartbeat_at) + ", and here it is " +
                     TimeText(c.asked_at));
      any_ahead = true;
    }
    waiting += node.spool_depth;
    if (Waits(node, c.asked_at)) {
      open.push_back("node " + node.name + " has " +
                     CountText(std::max<std::int64_t>(node.spool_depth, 1)) +
                     " accepted but not yet stored");
      any_waiting = true;
    }
  }
  if (intake.vouched_quarantined > 0) {
    open.push_back(Counted(intake.vouched_quarantined, "report") +
                   " that may speak about the domain could not be read and " +
                   (intake.vouched_quarantined == 1 ? "is" : "are") + " in quarantine");
  }
  if (intake.vouched_foreign > 0) {
    open.push_back(Counted(intake.vouched_foreign, "submission") + " from before " +
                   c.evidence.domain + " or one of its MX hosts was configured " +
                   (intake.vouched_foreign == 1 ? "waits" : "wait") +
                   " to be looked at again");
  }
  answer.numbers = {{"nodes", static_cast<std::int64_t>(intake.nodes.size())},
                    {"spool_depth", waiting},
                    {"vouched_quarantined", intake.vouched_quarantined},
                    {"vouched_foreign", intake.vouched_foreign}};
  if (open.empty()) {
    answer.status = Status::kPass;
    answer.sentence = intake.nodes.empty()
                          ? "No node takes reports in; what was imported is all there is."
                          : "Everything received has been stored.";
    return answer;
  }
  answer.sentence = "Reports may be missing from the evidence: " + ListText(open) + ".";
  if (any_silent) {
    todo.push_back(
        "Start the silent node again, or, if it is gone for good, remove it: `tlsrptd "
        "node list` and `tlsrptd node remove NAME`.");
  }
  if (any_ahead) {
    todo.push_back("Set the clocks of both machines: one of them is wrong.");
  }
  if (any_waiting) {
    todo.push_back(
        "Wait until the spool is empty; if it does not empty, see the log for "
        "the database and DNS errors.");
  }
  if (intake.vouched_quarantined > 0) {
    todo.push_back(
        "See why with `tlsrptd quarantine list`. `tlsrptd quarantine retry` reads it "
        "again after an upgrade, or when DNS answers; `tlsrptd quarantine drop` says "
        "that it is not waited for.");
  }
  if (intake.vouched_foreign > 0) {
    todo.push_back(
        "Wait for the worker, which is part of `tlsrptd serve`, to look at them; "
        "`tlsrptd reprocess --all --domain " +
        c.evidence.domain + "` does it at once.");
  }
  answer.remedy = todo.front();
  for (std::size_t i = 1; i < todo.size(); ++i) answer.remedy += " " + todo[i];
  return answer;
}

}  // namespace tlsrpt::api
