// Rows `no_refused_sessions`, `uncorroborated_failures`, `failures_at_mx`,
// `unvouched_failures` and `dane_health`: every reported failure lands in exactly one of
// these or in `policy_retrievable`.

#include <cstdint>
#include <string>

#include "api/readiness/criteria.h"
#include "api/readiness/format.h"
#include "api/readiness/lone_failure.h"
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

// What only a look can do, where looks are asked for.
std::string SettledBy(const Case& c) {
  return c.settings.live ? " A later look that finds every address of that MX in order "
                           "settles it."
                         : "";
}

std::string SinceText(const Case& c) { return "since " + DayText(c.window.first_day); }

// Failures of one kind, by what has become of them.
struct Split {
  FailureSum open;
  FailureSum waived;
  FailureSum settled;
};

template <class Keep>
Split SplitOf(const Case& c, Keep keep) {
  const auto sum = [&](Standing standing) {
    return c.Sum(c.vouched, c.window_and_since,
                 [&](const EvidenceRow& row, const Failure& failure) {
                   return failure.standing == standing && keep(row, failure);
                 });
  };
  return {sum(Standing::kOpen), sum(Standing::kWaived), sum(Standing::kSettled)};
}

// What is said of the rest, whatever stands open.
std::string AsideText(const Split& split) {
  std::string text;
  if (!split.waived.empty()) {
    text += " Waived: " + Counted(split.waived.sessions, "session") + ", " +
            split.waived.Describe() + ".";
  }
  if (!split.settled.empty()) {
    text += " Settled by a later look at the MX: " +
            Counted(split.settled.sessions, "session") + ", " + split.settled.Describe() +
            ".";
  }
  return text;
}

// Answers where nothing stands open; false where something does.
bool AnswerClear(Criterion& answer, const Split& split, const Case& c,
                 const std::string& clear) {
  Fill(answer, split.open, c);
  if (!split.waived.empty()) {
    answer.numbers.emplace_back("waived_sessions", split.waived.sessions);
  }
  if (!split.settled.empty()) {
    answer.numbers.emplace_back("settled_sessions", split.settled.sessions);
  }
  if (!split.open.empty()) return false;
  answer.status = split.waived.empty() ? Status::kPass : Status::kWaived;
  answer.sentence =
      (split.waived.empty() ? clear : "Nothing but what was waived.") + AsideText(split);
  if (!split.waived.empty()) {
    answer.evidence = ReferencesTo(split.waived.rows, c.evidence.domain);
  }
  return true;
}

}  // namespace

Criterion NoRefusedSessions(const Case& c) {
  Criterion answer = NewCriterion("no_refused_sessions");
  const Split split = SplitOf(c, [&](const EvidenceRow& row, const Failure& failure) {
    return failure.meaning == Meaning::kRefused && c.IsCounted(row);
  });
  if (AnswerClear(answer, split, c,
                  "No counted reporter saw a session that enforce would refuse " +
                      SinceText(c) + ".")) {
    return answer;
  }
  answer.status = Status::kFail;
  answer.sentence = "Enforce would have refused " +
                    Counted(split.open.sessions, "session") + " " + SinceText(c) + ": " +
                    split.open.Describe() + "." + AsideText(split);
  answer.remedy = RemedyFor(split.open) + ClearOn(split.open, c) + LoneWaiveAdvice(c);
  return answer;
}

Criterion UncorroboratedFailures(const Case& c) {
  Criterion answer = NewCriterion("uncorroborated_failures");
  const Split split = SplitOf(c, [&](const EvidenceRow& row, const Failure& failure) {
    return failure.meaning == Meaning::kRefused && !c.IsCounted(row);
  });
  if (AnswerClear(answer, split, c,
                  "No other vouched reporter saw a session that enforce would refuse.")) {
    return answer;
  }
  answer.sentence =
      "Reporters that are not counted say that enforce would have refused " +
      Counted(split.open.sessions, "session") + " " + SinceText(c) + ": " +
      split.open.Describe() + "." + AsideText(split);
  answer.remedy = "It may be true for their mail. " + RemedyFor(split.open) +
                  SettledBy(c) + ClearOn(split.open, c);
  return answer;
}

Criterion FailuresAtMx(const Case& c) {
  Criterion answer = NewCriterion("failures_at_mx");
  const Split split = SplitOf(c, [](const EvidenceRow&, const Failure& failure) {
    return failure.meaning == Meaning::kMxSuspect;
  });
  if (AnswerClear(answer, split, c,
                  "No sender without the MTA-STS policy reports a TLS failure at an MX "
                  "of the domain.")) {
    return answer;
  }
  // Reports cannot settle it: the sender did not apply the policy, so neither its
  // failures nor other senders' successes say what enforce would do at that MX. With
  // --reports-only it stays unknown for that reason.
  answer.sentence =
      "Senders that did not apply the policy met " +
      Counted(split.open.sessions, "failed session") + " " + SinceText(c) +
      " that a sender under enforce may meet too: " + split.open.Describe() + "." +
      AsideText(split);
  answer.remedy = RemedyFor(split.open) + SettledBy(c) + ClearOn(split.open, c);
  return answer;
}

Criterion UnvouchedFailures(const Case& c) {
  Criterion answer = NewCriterion("unvouched_failures", Severity::kAdvisory);
  const FailureSum sum = c.Sum(c.unvouched, c.window_and_since,
                               [](const EvidenceRow&, const Failure& failure) {
                                 return failure.meaning == Meaning::kRefused ||
                                        failure.meaning == Meaning::kMxSuspect;
                               });
  Fill(answer, sum, c);
  if (sum.empty()) {
    answer.status = Status::kPass;
    answer.sentence = "No report that nobody vouches for tells of refused sessions.";
    return answer;
  }
  answer.sentence = std::string("Reports that nobody vouches for tell of ") +
                    (c.evidence.unvouched_left_out ? "at least " : "") +
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
  const FailureSum sum = c.OpenSum(Meaning::kDane, c.window_and_since);
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
