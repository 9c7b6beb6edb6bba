#include "api/readiness/decide.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "api/readiness/case.h"
#include "api/readiness/coverage.h"
#include "api/readiness/criteria.h"
#include "api/readiness/earliest.h"
#include "api/readiness/format.h"
#include "api/readiness/health.h"
#include "api/readiness/replay.h"

namespace tlsrpt::api {
namespace {

using store::EvidenceRow;
using store::PolicyMode;
using store::PolicyType;

// The table of DESIGN 6, in its order.
std::vector<Criterion> AllCriteria(const Case& c) {
  return {PolicyInTesting(c),   TestingLongEnough(c), DaysCovered(c),
          ReportersSeen(c),     SessionsSeen(c),      UsualReportersIn(c),
          IntakeSettled(c),     NoRefusedSessions(c), UncorroboratedFailures(c),
          FailuresAtMx(c),      PolicyRetrievable(c), DnsRecordsValid(c),
          PolicyServed(c),      MxHostsReady(c),      IdInStep(c),
          UnvouchedFailures(c), DaneHealth(c)};
}

const Criterion* FirstBlocking(const std::vector<Criterion>& criteria, Status status) {
  const auto at =
      std::find_if(criteria.begin(), criteria.end(), [&](const Criterion& criterion) {
        return criterion.severity == Severity::kBlocking && criterion.status == status;
      });
  return at == criteria.end() ? nullptr : &*at;
}

// All vouched reports say that there is no policy. A failed retrieval says that there is
// a record at least, so it is never "not applicable".
bool NoPolicyAnywhere(const Case& c) {
  bool said_so = false;
  for (const EvidenceRow* row : c.vouched) {
    if (!c.IsOwn(*row) || DaysAgainst(*row, c.window_and_since).empty()) continue;
    if (row->policy_type == PolicyType::kSts || row->policy_type == PolicyType::kOther ||
        SessionsOf(FailuresOf(*row, c.evidence.domain), Meaning::kRetrieval) > 0) {
      return false;
    }
    // What `tlsa` results say about DANE says nothing about MTA-STS.
    if (row->policy_type == PolicyType::kNoPolicyFound) said_so = true;
  }
  return said_so;
}

bool ModeIsNone(const Case& c) {
  return c.policy.clear() && c.policy.mode() == PolicyMode::kNone &&
         c.policy.newest_day() >= c.window.first_day;
}

std::string BasisText(const Case& c) {
  return c.settings.live ? "" : ", by its reports alone";
}

void AnswerEnforcing(Verdict& verdict, const Case& c) {
  verdict.kind = VerdictKind::kEnforcing;
  const auto risks = RisksOf(c, verdict.criteria);
  verdict.health = risks.empty() ? Health::kOk : Health::kAtRisk;
  verdict.sentence = verdict.domain + " enforces MTA-STS already and is " +
                     (risks.empty() ? "healthy as far as reports tell."
                                    : "at risk: " + ListText(risks) + ".");
  verdict.earliest_ready.sentence = "The policy is in enforce already.";
}

void AnswerNotApplicable(Verdict& verdict, const std::string& why) {
  verdict.kind = VerdictKind::kNotApplicable;
  verdict.sentence = "Nothing to enforce at " + verdict.domain + ": " + why + ".";
  verdict.earliest_ready.sentence =
      "Not known: the two weeks count from the day a policy with mode: testing is "
      "served.";
}

void AnswerTesting(Verdict& verdict, const Case& c) {
  verdict.earliest_ready = EarliestReadyOf(c, verdict.criteria);
  if (const Criterion* failed = FirstBlocking(verdict.criteria, Status::kFail)) {
    verdict.kind = VerdictKind::kNotReady;
    verdict.sentence = verdict.domain + " is not ready to enforce" + BasisText(c) + ". " +
                       failed->sentence;
    return;
  }
  if (const Criterion* open = FirstBlocking(verdict.criteria, Status::kUnknown)) {
    verdict.kind = VerdictKind::kInsufficientEvidence;
    verdict.sentence = "There is not enough evidence to say that " + verdict.domain +
                       " is ready to enforce. " + open->sentence;
    return;
  }
  verdict.kind = VerdictKind::kReady;
  verdict.confidence = Confidence::kNormal;
  const EvidenceSum sum = SumOf(c.evidence_days, c.window);
  verdict.sentence = verdict.domain + " is ready to enforce" + BasisText(c) + ": " +
                     Counted(sum.sessions, "successful session") + " on " +
                     Counted(static_cast<std::int64_t>(sum.days.size()), "day") +
                     " from " + DayText(c.window.first_day) + " to " +
                     DayText(c.window.last_day) +
                     ", and nothing that enforce would have refused.";
}

}  // namespace

Verdict Decide(const store::Evidence& evidence, const ReadinessSettings& settings,
               TimePoint now, std::optional<TimePoint> asked_at) {
  const Case c(evidence, settings, now, asked_at.value_or(now));
  Verdict verdict;
  verdict.domain = evidence.domain;
  verdict.live = settings.live;
  verdict.as_of = now;
  verdict.window = c.window;
  verdict.ruleset = kRuleset;
  verdict.criteria = AllCriteria(c);
  verdict.replay = ReplayOf(c);
  verdict.coverage = CoverageOf(c);

  if (c.policy.clear() && c.policy.mode() == PolicyMode::kEnforce) {
    AnswerEnforcing(verdict, c);
  } else if (ModeIsNone(c)) {
    AnswerNotApplicable(verdict, "the newest reported policy is mode: none");
  } else if (NoPolicyAnywhere(c)) {
    AnswerNotApplicable(verdict, "every vouched report says that no policy was found");
  } else {
    AnswerTesting(verdict, c);
  }
  return verdict;
}

}  // namespace tlsrpt::api
