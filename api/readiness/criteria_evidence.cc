// Rows `days_covered`, `reporters_seen` and `sessions_seen`: is there enough evidence?
// They answer pass or unknown: too little evidence is not a fault of the domain.

#include <cstdint>
#include <string>
#include <vector>

#include "api/readiness/criteria.h"
#include "api/readiness/format.h"
#include "api/readiness/window.h"

namespace tlsrpt::api {
namespace {

std::string WindowText(const Case& c) {
  return DayText(c.window.first_day) + " to " + DayText(c.window.last_day);
}

}  // namespace

Criterion DaysCovered(const Case& c) {
  Criterion answer = NewCriterion("days_covered");
  const EvidenceSum sum = SumOf(c.evidence_days, c.window);
  const EvidenceSum recent =
      SumOf(c.evidence_days, LastDaysOf(c.window, c.settings.recent_days));
  const auto covered = static_cast<std::int64_t>(sum.days.size());
  answer.numbers = {
      {"days_covered", covered},
      {"days_needed", c.settings.min_days_covered},
      {"window_days", c.settings.window_days},
      {"recent_days_covered", static_cast<std::int64_t>(recent.days.size())}};
  answer.evidence = c.window_references();
  answer.sentence =
      Counted(covered, "day") + " of " + std::to_string(c.settings.window_days) + " (" +
      WindowText(c) +
      ") with successful sessions of counted reporters under the current "
      "policy" +
      (sum.days.empty() ? "" : ", the last on " + DayText(*sum.days.rbegin())) + ".";
  const bool enough = covered >= c.settings.min_days_covered;
  if (enough && !recent.days.empty()) {
    answer.status = Status::kPass;
  } else if (enough) {
    answer.remedy =
        "Nothing counts in the last " + Counted(c.settings.recent_days, "day") +
        " of the window: find out why reports stopped (the _smtp._tls record, "
        "its first rua, the spool).";
  } else {
    answer.remedy = "Wait: " + Counted(c.settings.min_days_covered, "covered day") +
                    " are needed. If reports should have come, check the _smtp._tls "
                    "record; Microsoft mails only the first rua.";
  }
  return answer;
}

Criterion ReportersSeen(const Case& c) {
  Criterion answer = NewCriterion("reporters_seen");
  const EvidenceSum sum = SumOf(c.evidence_days, c.window);
  const auto sound = SoundReporters(sum, c.settings);
  answer.numbers = {{"reporters", static_cast<std::int64_t>(sound.size())},
                    {"reporters_needed", c.settings.min_reporters}};
  std::vector<std::string> seen;
  for (const auto& [name, reporter] : sum.reporters) {
    seen.push_back(name + " (" +
                   Counted(static_cast<std::int64_t>(reporter.days.size()), "day") +
                   ", " + Counted(reporter.sessions, "session") + ")");
  }
  answer.evidence = c.window_references();
  answer.sentence =
      Counted(static_cast<std::int64_t>(sound.size()), "counted reporter") +
      " with at least " + Counted(c.settings.min_reporter_days, "day") + " and " +
      Counted(c.settings.min_reporter_sessions, "session") +
      (seen.empty() ? "; none was seen." : "; seen: " + ListText(seen) + ".");
  const auto missing = MissingRequired(sum, c.settings);
  if (!missing.empty()) {
    answer.sentence += " Required, and not among them: " + ListText(missing) + ".";
  }
  const bool enough = static_cast<int>(sound.size()) >= c.settings.min_reporters;
  if (enough && missing.empty()) {
    answer.status = Status::kPass;
  } else if (enough) {
    answer.remedy = "The settings of this domain ask for " + ListText(missing) +
                    ": wait for its reports, or send mail from there. Only a counted "
                    "reporter can be one that is required.";
  } else {
    answer.remedy = std::to_string(c.settings.min_reporters) +
                    " are needed. Successes of other senders do not count, since anybody "
                    "can sign a report; if you trust one, add it to the counted "
                    "reporters. Mail from a Gmail and an Outlook account on several days "
                    "makes both report.";
  }
  return answer;
}

Criterion SessionsSeen(const Case& c) {
  Criterion answer = NewCriterion("sessions_seen");
  const EvidenceSum sum = SumOf(c.evidence_days, c.window);
  answer.numbers = {{"sessions", sum.sessions},
                    {"sessions_needed", c.settings.min_sessions}};
  answer.evidence = c.window_references();
  answer.sentence = Counted(sum.sessions, "successful session") +
                    " of counted reporters under the current policy in the window.";
  if (sum.sessions >= c.settings.min_sessions) {
    answer.status = Status::kPass;
  } else {
    answer.remedy = Counted(c.settings.min_sessions, "session") +
                    " are needed; fewer could all have missed a fault. Wait for more "
                    "mail.";
  }
  return answer;
}

}  // namespace tlsrpt::api
