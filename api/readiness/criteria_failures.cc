// Rows `no_refused_sessions`, `uncorroborated_failures`, `failures_at_mx`,
// `unvouched_failures` and `dane_health`: every reported failure lands in exactly one of
// these or in `policy_retrievable`.

#include <cstdint>
#include <string>

#include "api/readiness/criteria.h"
#include "api/readiness/format.h"
#include "api/readiness/window.h"

namespace tlsrpt::api {
namespace {

using store::EvidenceRow;

void Fill(Criterion& answer, const FailureSum& sum, const Case& c) {
  answer.numbers = {{"sessions", sum.sessions},
                    {"reports", static_cast<std::int64_t>(sum.rows.size())},
                    {"days", static_cast<std::int64_t>(sum.by_day.size())}};
  answer.evidence = ReferencesTo(sum.rows, c.evidence.domain);
}

// "The window is clear of it on 2026-12-07 if nothing more comes."
std::string ClearOn(const FailureSum& sum, const Case& c) {
  return " Once that is mended and stays so, the window is clear of it on " +
         DayText(FirstDayClearOf(sum.by_day.rbegin()->first, c.settings.window_days,
                                 c.settings.settle_days)) +
         ".";
}

std::string SinceText(const Case& c) { return "since " + DayText(c.window.first_day); }

}  // namespace

Criterion NoRefusedSessions(const Case& c) {
  Criterion answer = NewCriterion("no_refused_sessions");
  const FailureSum sum = c.Sum(c.vouched, Meaning::kRefused, c.window_and_since,
                               [&](const EvidenceRow& row) { return c.IsCounted(row); });
  Fill(answer, sum, c);
  if (sum.empty()) {
    answer.status = Status::kPass;
    answer.sentence = "No counted reporter saw a session that enforce would refuse " +
                      SinceText(c) + ".";
    return answer;
  }
  answer.status = Status::kFail;
  answer.sentence = "Enforce would have refused " + Counted(sum.sessions, "session") +
                    " " + SinceText(c) + ": " + sum.Describe() + ".";
  answer.remedy = RemedyFor(sum) + ClearOn(sum, c);
  return answer;
}

Criterion UncorroboratedFailures(const Case& c) {
  Criterion answer = NewCriterion("uncorroborated_failures");
  const FailureSum sum = c.Sum(c.vouched, Meaning::kRefused, c.window_and_since,
                               [&](const EvidenceRow& row) { return !c.IsCounted(row); });
  Fill(answer, sum, c);
  if (sum.empty()) {
    answer.status = Status::kPass;
    answer.sentence =
        "No other vouched reporter saw a session that enforce would refuse.";
    return answer;
  }
  answer.sentence =
      "Reporters that are not counted say that enforce would have refused " +
      Counted(sum.sessions, "session") + " " + SinceText(c) + ": " + sum.Describe() + ".";
  answer.remedy = "It may be true for their mail. " + RemedyFor(sum) + ClearOn(sum, c);
  return answer;
}

Criterion FailuresAtMx(const Case& c) {
  Criterion answer = NewCriterion("failures_at_mx");
  const FailureSum sum = c.Sum(c.vouched, Meaning::kMxSuspect, c.window_and_since,
                               [](const EvidenceRow&) { return true; });
  Fill(answer, sum, c);
  if (sum.empty()) {
    answer.status = Status::kPass;
    answer.sentence =
        "No sender without the MTA-STS policy reports a TLS failure at an MX "
        "of the domain.";
    return answer;
  }
  // Reports cannot settle it: the sender did not apply the policy, so neither its
  // failures nor other senders' successes say what enforce would do at that MX. With
  // --reports-only it stays unknown for that reason.
  answer.sentence = "Senders that did not apply the policy met " +
                    Counted(sum.sessions, "failed session") + " " + SinceText(c) +
                    " that a sender under enforce may meet too: " + sum.Describe() + ".";
  answer.remedy = RemedyFor(sum) + ClearOn(sum, c);
  return answer;
}

Criterion UnvouchedFailures(const Case& c) {
  Criterion answer = NewCriterion("unvouched_failures", Severity::kAdvisory);
  FailureSum sum = c.Sum(c.unvouched, Meaning::kRefused, c.window_and_since,
                         [](const EvidenceRow&) { return true; });
  for (const EvidenceRow* row : c.unvouched) {
    const auto days = DaysAgainst(*row, c.window_and_since);
    for (const Failure& failure : FailuresOf(*row, c.evidence.domain)) {
      if (failure.meaning == Meaning::kMxSuspect) sum.Add(*row, failure, days);
    }
  }
  Fill(answer, sum, c);
  if (sum.empty()) {
    answer.status = Status::kPass;
    answer.sentence = "No report that nobody vouches for tells of refused sessions.";
    return answer;
  }
  answer.sentence = "Reports that nobody vouches for tell of " +
                    Counted(sum.sessions, "failed session") +
                    "; anybody could have sent "
                    "them, and they change nothing here: " +
                    sum.Describe() + ".";
  answer.remedy = "If you know the sender, ask it to sign its reports (RFC 8460, 3). " +
                  RemedyFor(sum);
  return answer;
}

Criterion DaneHealth(const Case& c) {
  Criterion answer = NewCriterion("dane_health", Severity::kAdvisory);
  const FailureSum sum = c.Sum(c.vouched, Meaning::kDane, c.window_and_since,
                               [](const EvidenceRow&) { return true; });
  Fill(answer, sum, c);
  if (sum.empty()) {
    answer.status = Status::kPass;
    answer.sentence = "No DANE failure was reported.";
    return answer;
  }
  answer.status = Status::kFail;
  answer.sentence = "Senders that use DANE met " +
                    Counted(sum.sessions, "failed session") + ": " + sum.Describe() +
                    ". MTA-STS is not affected.";
  answer.remedy = RemedyFor(sum);
  return answer;
}

}  // namespace tlsrpt::api
