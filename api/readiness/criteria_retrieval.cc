// Row `policy_retrievable`: can senders get the policy? One that cannot does not refuse
// mail, it is merely not protected (RFC 8461, 5.1), so here a share decides.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "api/readiness/criteria.h"
#include "api/readiness/format.h"
#include "api/readiness/window.h"

namespace tlsrpt::api {
namespace {

using std::chrono::sys_days;
using store::EvidenceRow;
using store::PolicyType;

struct Retrieval {
  // Of the newest day with `sts` sessions or retrieval failures.
  sys_days newest_day;
  std::int64_t newest_failures = 0;
  std::int64_t newest_successes = 0;
  // Of the last days.
  std::int64_t failures = 0;
  std::int64_t sessions = 0;

  bool LatestFailed() const { return newest_failures > 0 && newest_successes == 0; }
};

std::map<std::string, Retrieval> RetrievalOf(const Case& c) {
  const Window recent{LastDaysOf(c.window, c.settings.retrieval_days).first_day, c.today};
  std::map<std::string, Retrieval> by_reporter;
  for (const EvidenceRow* row : c.vouched) {
    const auto against = DaysAgainst(*row, c.window_and_since);
    if (against.empty()) continue;
    const auto& failures = c.Failures(*row);
    const std::int64_t failed = SessionsOf(failures, Meaning::kRetrieval);
    const bool is_sts = row->policy_type == PolicyType::kSts && c.IsOwn(*row);
    // A row without a session says nothing of whether the policy can be got.
    const bool says_something =
        is_sts && (row->success_sessions > 0 || row->failure_sessions > 0);
    if (failed == 0 && !says_something) continue;

    Retrieval& of = by_reporter[row->reporter];
    // A failure stands against the last day of its period, a success on its own day.
    const std::int64_t succeeded =
        is_sts && row->day <= c.today ? row->success_sessions : 0;
    const sys_days day = failed > 0 ? *against.rbegin() : row->day;
    if (day > c.today) continue;
    if (day > of.newest_day) {
      of.newest_day = day;
      of.newest_failures = of.newest_successes = 0;
    }
    if (day == of.newest_day) of.newest_failures += failed;
    if (row->day == of.newest_day) of.newest_successes += succeeded;

    if (failed > 0 && !DaysAgainst(*row, recent).empty()) of.failures += failed;
    if (is_sts && Contains(recent, row->day)) {
      of.sessions += succeeded + std::max(row->failure_sessions, failed);
    } else if (failed > 0 && !DaysAgainst(*row, recent).empty()) {
      of.sessions += failed;
    }
  }
  return by_reporter;
}

}  // namespace

Criterion PolicyRetrievable(const Case& c) {
  Criterion answer = NewCriterion("policy_retrievable");
  const FailureSum sum = c.OpenSum(Meaning::kRetrieval, c.window_and_since);
  answer.numbers = {{"sessions", sum.sessions},
                    {"reports", static_cast<std::int64_t>(sum.rows.size())}};
  answer.evidence = ReferencesTo(sum.rows, c.evidence.domain);

  std::vector<std::string> counted;
  std::vector<std::string> others;
  for (const auto& [reporter, of] : RetrievalOf(c)) {
    const bool too_many =
        of.failures * 100 > of.sessions * c.settings.max_retrieval_failures_percent;
    if (!of.LatestFailed() && !too_many) continue;
    std::string text = ReporterText(reporter);
    if (of.LatestFailed()) {
      text += " (its latest, " + DayText(of.newest_day) + ", are nothing else)";
    } else {
      text += " (" + CountText(of.failures) + " of " + Counted(of.sessions, "session") +
              " in the last days)";
    }
    (c.settings.counted_reporters.contains(reporter) ? counted : others).push_back(text);
  }

  // What we see ourselves comes first.
  const bool looked = c.view.policy() != nullptr;
  const Finding fetched =
      looked ? JudgeFetch(c.view.policy()->policy, c.now, c.evidence.domain) : Finding{};
  if (looked && fetched.look != Look::kPass) {
    answer.status = Status::kFail;
    answer.evidence = LookReferences({c.view.policy()}, c.evidence.domain);
    answer.sentence = "Fetching the policy from here fails: " + fetched.problem + ".";
    answer.remedy = fetched.remedy;
    return answer;
  }

  const std::string advice =
      RemedyFor(sum) +
      " Senders that cannot get the policy do not refuse mail, but they "
      "are not protected either.";
  if (!counted.empty()) {
    answer.status = Status::kFail;
    answer.sentence = "Senders fail to get the policy: " + ListText(counted) + ".";
    answer.remedy = advice;
  } else if (!others.empty()) {
    answer.sentence =
        "Senders that are not counted fail to get the policy: " + ListText(others) + ".";
    answer.remedy = advice;
  } else {
    answer.sentence =
        sum.empty()
            ? "No sender reports that it could not get the policy."
            : Counted(sum.sessions, "session") +
                  " without the policy, too few to matter: " + sum.Describe() + ".";
    if (c.settings.live && !looked) {
      answer.sentence += " Nobody has fetched it from here lately.";
      answer.remedy = NoObservationRemedy(c);
    } else {
      answer.status = Status::kPass;
      if (looked) answer.sentence += " It can be fetched from here.";
    }
  }
  return answer;
}

}  // namespace tlsrpt::api
