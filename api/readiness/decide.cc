#include "api/readiness/decide.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "api/readiness/baseline.h"
#include "api/readiness/bound.h"
#include "api/readiness/case.h"
#include "api/readiness/coverage.h"
#include "api/readiness/criteria.h"
#include "api/readiness/earliest.h"
#include "api/readiness/format.h"
#include "api/readiness/health.h"
#include "api/readiness/low_traffic.h"
#include "api/readiness/plan.h"
#include "api/readiness/replay.h"
#include "api/readiness/settings_table.h"
#include "api/readiness/timeline.h"
#include "base/text.h"

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

// All vouched reports, and our own looks, say that there is no policy. A failed retrieval
// says that there is a record at least, so it is never "not applicable".
bool NoPolicyAnywhere(const Case& c) {
  if (c.view.served() || c.view.RecordIsThere()) return false;
  bool said_so = c.view.RecordIsAbsent();
  for (const EvidenceRow* row : c.vouched) {
    if (!c.IsOwn(*row) || DaysAgainst(*row, c.window_and_since).empty()) continue;
    if (row->policy_type == PolicyType::kSts || row->policy_type == PolicyType::kOther ||
        SessionsOf(c.Failures(*row), Meaning::kRetrieval) > 0) {
      return false;
    }
    // What `tlsa` results say about DANE says nothing about MTA-STS.
    if (row->policy_type == PolicyType::kNoPolicyFound) said_so = true;
  }
  return said_so;
}

// By the newest reports; a look that finds a record or a policy knows better.
bool ModeIsNone(const Case& c) {
  if (c.view.served()) return c.view.served()->mode == PolicyMode::kNone;
  return !c.view.RecordIsThere() && c.policy.clear() &&
         c.policy.mode() == PolicyMode::kNone &&
         c.policy.newest_day() >= c.window.first_day;
}

std::string BasisText(const Case& c) {
  return c.settings.live ? "" : ", by its reports alone";
}

void AnswerEnforcing(Verdict& verdict, const Case& c) {
  verdict.kind = VerdictKind::kEnforcing;
  const auto risks = RisksOf(c, verdict.criteria);
  verdict.health = risks.empty() ? Health::kOk : Health::kAtRisk;
  verdict.sentence =
      verdict.domain + " enforces MTA-STS already and is " +
      (risks.empty() ? c.view.seen() ? "healthy." : "healthy as far as reports tell."
                     : "at risk. " + Join(risks, ". ") + ".");
  verdict.earliest_ready.sentence = "The policy is in enforce already.";
}

void AnswerNotApplicable(Verdict& verdict, const std::string& why) {
  verdict.kind = VerdictKind::kNotApplicable;
  verdict.sentence = "Nothing to enforce at " + verdict.domain + ": " + why + ".";
  verdict.earliest_ready.sentence =
      "Not known: the two weeks count from the day a policy with mode: testing is "
      "served.";
}

// Low, said with its bound: nobody should read more into it.
void AnswerLowTraffic(Verdict& verdict, const LowTraffic& low) {
  verdict.kind = VerdictKind::kReady;
  verdict.confidence = Confidence::kLow;
  verdict.sentence =
      verdict.domain + " is ready to enforce, with low confidence: little mail, but " +
      Counted(low.sessions, "successful session") + " on " + Counted(low.days, "day") +
      " from " + DayText(low.window.first_day) + " to " + DayText(low.window.last_day) +
      ", nothing refused, and our own looks passed on " + Counted(low.probe_days, "day") +
      ". " + BoundOf(0, low.sessions).sentence;
}

std::string RefusalsText(const Replay& replay) {
  if (replay.refusals == 0) return ", and nothing that enforce would have refused.";
  return ", and " + Counted(replay.refusals, "refusal") +
         " that enforce would have meant count for nothing: they are waived, or nobody "
         "who is counted tells of them.";
}

void AnswerTesting(Verdict& verdict, const Case& c, const LowTraffic& low) {
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
  if (low.applies) {
    AnswerLowTraffic(verdict, low);
    return;
  }
  verdict.kind = VerdictKind::kReady;
  verdict.confidence = Confidence::kNormal;
  const EvidenceSum sum = SumOf(c.evidence_days, c.window);
  verdict.sentence = verdict.domain + " is ready to enforce" + BasisText(c) + ": " +
                     Counted(sum.sessions, "successful session") + " on " +
                     Counted(static_cast<std::int64_t>(sum.days.size()), "day") +
                     " from " + DayText(c.window.first_day) + " to " +
                     DayText(c.window.last_day) + RefusalsText(verdict.replay);
}

// Under these rules alone.
Verdict DecideBy(const store::Evidence& evidence, const ReadinessSettings& rules,
                 TimePoint now, TimePoint asked_at, TimePoint known_at) {
  const Case c(evidence, rules, now, asked_at, known_at);
  Verdict verdict;
  verdict.domain = evidence.domain;
  verdict.live = rules.live;
  verdict.as_of = now;
  verdict.window = c.window;
  verdict.ruleset = kRuleset;
  verdict.criteria = AllCriteria(c);
  verdict.replay = ReplayOf(c);
  verdict.coverage = CoverageOf(c);
  verdict.waivers = c.waivers();
  verdict.mutes = c.mutes;
  verdict.timeline = TimelineOf(c);

  if (c.mode() == PolicyMode::kEnforce) {
    AnswerEnforcing(verdict, c);
  } else if (ModeIsNone(c)) {
    AnswerNotApplicable(verdict, c.view.served()
                                     ? "the policy served is mode: none"
                                     : "the newest reported policy is mode: none");
  } else if (NoPolicyAnywhere(c)) {
    AnswerNotApplicable(verdict, c.view.RecordIsAbsent()
                                     ? "there is no _mta-sts record, and no report "
                                       "tells of a policy"
                                     : "every vouched report says that no policy was "
                                       "found");
  } else {
    const LowTraffic low = LowTrafficOf(c, verdict.criteria);
    ApplyLowTraffic(low, verdict.criteria);
    AnswerTesting(verdict, c, low);
  }
  verdict.plan = PlanOf(c, verdict);
  return verdict;
}

}  // namespace

Verdict Decide(const store::Evidence& evidence, const ReadinessSettings& settings,
               TimePoint now, std::optional<TimePoint> asked_at,
               std::optional<TimePoint> known_at) {
  const TimePoint asked = asked_at.value_or(now);
  const TimePoint known = std::min(asked, known_at.value_or(asked));
  const std::vector<RulesToHold> all = AllRulesOf(settings);
  Verdict worst = DecideBy(evidence, all.front().rules, now, asked, known);
  const std::string* why = &all.front().why;
  for (std::size_t i = 1; i < all.size(); ++i) {
    Verdict verdict = DecideBy(evidence, all[i].rules, now, asked, known);
    if (!IsWorse(verdict, worst)) continue;
    worst = std::move(verdict);
    why = &all[i].why;
  }
  worst.unsafe_settings = UnsafeSettings(settings);
  if (!worst.unsafe_settings.empty()) {
    worst.sentence +=
        " Settings weaker than the defaults: " + ListText(worst.unsafe_settings) + ".";
  }
  if (!why->empty()) worst.sentence += " " + *why;
  return worst;
}

}  // namespace tlsrpt::api
