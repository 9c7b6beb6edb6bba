// Scenarios: what somebody accepted, and whom nobody listens to.

#include "api/readiness/waivers.h"

#include <gmock/gmock.h>

#include <chrono>
#include <string>
#include <vector>

#include "api/readiness/lone_failure.h"
#include "tests/unit/api/readiness/row.h"

namespace tlsrpt::api {
namespace {

using std::chrono::days;
using std::chrono::seconds;
using store::Mute;
using store::PolicyType;
using store::ResultType;
using store::Waiver;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr auto kReady = VerdictKind::kReady;
constexpr auto kNotReady = VerdictKind::kNotReady;
constexpr auto kInsufficient = VerdictKind::kInsufficientEvidence;
constexpr auto kExpired = ResultType::kCertificateExpired;
constexpr const char* kMx2 = "mx2.firm.example";

// Two refused sessions on day -3, known on day -2.
History Refused() { return History::Clean().Fail(kGoogle, -3, kExpired, 2); }

History WrittenAt(TimePoint time) {
  History history = Refused();
  history.Last().written_at = time;
  return history;
}

std::function<void(Waiver&)> Until(int day, std::int64_t sessions, int made_on = -10) {
  return [=](Waiver& waiver) {
    waiver.made_at = Day(made_on);
    waiver.until = Day(day);
    waiver.max_sessions = sessions;
  };
}

TEST(Waivers, WhatTheyAccept) {
  const std::vector<std::string> kRefuses = {"no_refused_sessions!"};
  const Row rows[] = {
      {"exactly that group", Refused().Waive(), kReady},
      {"the reporter is another",
       Refused().Waive([](Waiver& w) { w.reporter = kMailRu; }), kNotReady, kRefuses},
      {"the MX is another", Refused().Waive([](Waiver& w) { w.mx = kMx2; }), kNotReady,
       kRefuses},
      {"no MX is not any MX", Refused().Waive([](Waiver& w) { w.mx = ""; }), kNotReady,
       kRefuses},
      {"the type is another",
       Refused().Waive([](Waiver& w) { w.result_type = "validation-failure"; }),
       kNotReady, kRefuses},
      {"the reason is another", Refused().Waive([](Waiver& w) { w.reason = "x"; }),
       kNotReady, kRefuses},
      {"with its reason",
       [] {
         History history = Refused();
         history.Last().failures[0].reason = "x";
         return history.Waive([](Waiver& w) { w.reason = "x"; });
       }(),
       kReady},
      {"one group of two", Refused().Fail(kGoogle, -3, kExpired, 1, kMx2).Waive(),
       kNotReady, kRefuses},
      {"both groups",
       Refused().Fail(kGoogle, -3, kExpired, 1, kMx2).Waive().Waive([](Waiver& w) {
         w.mx = kMx2;
       }),
       kReady},
      {"a report that came after it was made",
       Refused().Waive([](Waiver& w) { w.made_at = Day(-2) + std::chrono::hours{5}; }),
       kNotReady, kRefuses},
      {"a report that came in that very second",
       Refused().Waive([](Waiver& w) { w.made_at = Day(-2) + std::chrono::hours{6}; }),
       kReady},
      {"received before it was made, and out of quarantine after",
       WrittenAt(kNow + seconds{1}).Waive(), kNotReady, kRefuses},
      {"stored in that very second", WrittenAt(kNow).Waive(), kReady},
      {"by the clock of a node that is ahead it came after",
       WrittenAt(Day(-2)).Waive([](Waiver& w) { w.made_at = Day(-2); }), kNotReady,
       kRefuses},
      {"out of quarantine after, and the future is accepted",
       WrittenAt(kNow + seconds{1}).Waive(Until(5, 2, 0)), kReady},
      {"out of quarantine after, one session more than the future",
       WrittenAt(kNow + seconds{1}).Waive(Until(5, 1, 0)), kNotReady, kRefuses},
      {"the future, within its bounds", Refused().Waive(Until(5, 2)), kReady},
      {"the future, one session more: none of it is accepted",
       Refused().Waive(Until(5, 1)), kNotReady, kRefuses},
      {"overrun, and the past is accepted all the same: the rest stands",
       Refused().Fail(kGoogle, -9, kExpired).Waive(Until(5, 1, -5)), kNotReady, kRefuses},
      {"expired, and the failure came before that", Refused().Waive(Until(-3, 2)),
       kReady},
      {"expired a day before the failure", Refused().Waive(Until(-4, 2)), kNotReady,
       kRefuses},
      {"expired inside the period of the failure",
       Refused().Period(-5, -1).Waive(Until(-2, 2)), kNotReady, kRefuses},
      {"withdrawn",
       Refused().Waive([](Waiver& w) { w.withdrawn_at = kNow - seconds{1}; }), kNotReady,
       kRefuses},
      {"past the bounds: 91 days", Refused().Waive(Until(81, 5)), kNotReady, kRefuses},
      {"past the bounds: nobody says why", Refused().Waive([](Waiver& w) { w.why = ""; }),
       kNotReady, kRefuses},
      {"an uncounted reporter",
       History::Clean().Fail(kOther, -3, kExpired).Waive([](Waiver& w) {
         w.reporter = kOther;
       }),
       kReady},
      {"a failure at an MX under tlsa",
       [] {
         History history = History::Clean();
         history.Type(PolicyType::kTlsa).Fail(kGoogle, -3, kExpired);
         return history.Waive();
       }(),
       kReady},
      {"unexplained failures",
       History::Clean().Unexplained(kGoogle, -3).Waive([](Waiver& w) {
         w.result_type = "unexplained";
         w.mx = "";
       }),
       kReady},
      {"a type of no RFC, as sent",
       History::Clean().Fail(kGoogle, -3, ResultType::kOther).Waive([](Waiver& w) {
         w.result_type = "Testing";
       }),
       kReady},
      {"a waiver makes nothing of nothing",
       History().Waive(),
       kInsufficient,
       {"policy_in_testing?", "testing_long_enough?", "days_covered?", "reporters_seen?",
        "sessions_seen?"}},
      {"live criteria cannot be waived",
       Refused().Waive().Look(2,
                              [](store::Observation& look) {
                                look.addresses[0].outcome =
                                    store::ProbeOutcome::kStarttlsMissing;
                              }),
       kNotReady,
       {"mx_hosts_ready!"},
       Live()},
      {"policy retrieval cannot be waived",
       History::Clean()
           .Fail(kMailRu, 0, ResultType::kStsPolicyFetchError)
           .Waive([](Waiver& w) {
             w.reporter = kMailRu;
             w.result_type = "sts-policy-fetch-error";
           }),
       kInsufficient,
       {"policy_retrievable?"},
       [] {
         ReadinessSettings settings = ReportsOnly();
         settings.counted_reporters.erase(kMailRu);
         return settings;
       }()},
  };
  Check(rows);
}

TEST(Waivers, AreListedAndSayTheirState) {
  const auto use = [](const History& history) {
    const Verdict verdict = Decide(history, ReportsOnly(), kNow);
    EXPECT_EQ(verdict.waivers.size(), 1u);
    return verdict.waivers.at(0);
  };
  EXPECT_EQ(use(Refused().Waive()).sentence,
            "Accepted: 2 sessions of certificate-expired at mx1.firm.example from "
            "google.com, as reported until 2026-11-23T10:00:00Z (root: renewed since).");
  EXPECT_EQ(use(Refused().Waive()).accepted_sessions, 2);
  const WaiverUse overrun = use(Refused().Waive(Until(5, 1)));
  EXPECT_EQ(overrun.state, WaiverState::kOverrun);
  EXPECT_EQ(overrun.later_sessions, 2);
  EXPECT_THAT(overrun.sentence, HasSubstr("Overrun: 2 sessions of certificate-expired"));
  const WaiverUse expired = use(Refused().Waive(Until(-3, 5)));
  EXPECT_EQ(expired.state, WaiverState::kExpired);
  EXPECT_THAT(expired.sentence, HasSubstr("Expired after 2026-11-18"));
  EXPECT_EQ(use(Refused().Waive(Until(2, 5))).state, WaiverState::kInForce)
      << "today is its last day";
  EXPECT_EQ(use(Refused().Waive(Until(1, 5))).state, WaiverState::kExpired);
  EXPECT_EQ(use(Refused().Waive(Until(81, 5))).state, WaiverState::kInvalid);
  EXPECT_EQ(use(Refused().Waive([](Waiver& w) { w.withdrawn_at = kNow; })).state,
            WaiverState::kWithdrawn);

  const Verdict verdict = Decide(Refused().Waive(), ReportsOnly(), kNow);
  const Criterion& refused = *Find(verdict, "no_refused_sessions");
  EXPECT_EQ(refused.status, Status::kWaived);
  EXPECT_THAT(refused.sentence, HasSubstr("Waived: 2 sessions"));
  EXPECT_FALSE(refused.evidence.empty());
  EXPECT_EQ(verdict.replay.refusals, 2) << "what was accepted was refused all the same";
  EXPECT_THAT(verdict.sentence, HasSubstr("2 refusals that enforce would have meant"));
}

TEST(Waivers, TheOldestThatCanAcceptsIt) {
  History history = Refused();
  history.Waive([](Waiver& w) { w.id = "b"; }).Waive([](Waiver& w) { w.id = "a"; });
  const Verdict verdict = Decide(history, ReportsOnly(), kNow);
  ASSERT_EQ(verdict.waivers.size(), 2u);
  EXPECT_EQ(verdict.waivers[0].waiver.id, "a");
  EXPECT_EQ(verdict.waivers[0].accepted_sessions, 2);
  EXPECT_EQ(verdict.waivers[1].accepted_sessions, 0);
}

TEST(Mutes, WhatTheyTakeAway) {
  const Row rows[] = {
      {"the failures of an uncounted reporter",
       History::Clean().Fail(kOther, -3, kExpired).Mute(kOther), kReady},
      {"the failures and the successes of a counted one",
       Refused().Mute(kGoogle),
       kInsufficient,
       {"reporters_seen?"}},
      {"of three counted ones, the one that fails",
       Refused().Ok(kMailRu, -13, 0).Mute(kGoogle), kReady},
      {"another reporter", Refused().Mute(kMailRu), kNotReady, {"no_refused_sessions!"}},
      {"a usual reporter that is late is no longer awaited",
       History::Clean().Ok(kMailRu, -13, -4).Mute(kMailRu), kReady},
      {"on its last day",
       History::Clean()
           .Fail(kOther, -3, kExpired)
           .Mute(kOther, [](Mute& m) { m.until = Day(2); }),
       kReady},
      {"expired",
       History::Clean()
           .Fail(kOther, -3, kExpired)
           .Mute(kOther,
                 [](Mute& m) {
                   m.made_at = Day(-3);
                   m.until = Day(1);
                 }),
       kInsufficient,
       {"uncorroborated_failures?"}},
      {"withdrawn",
       History::Clean()
           .Fail(kOther, -3, kExpired)
           .Mute(kOther, [](Mute& m) { m.withdrawn_at = kNow; }),
       kInsufficient,
       {"uncorroborated_failures?"}},
      {"past its bounds",
       History::Clean()
           .Fail(kOther, -3, kExpired)
           .Mute(kOther, [](Mute& m) { m.until = Day(100); }),
       kInsufficient,
       {"uncorroborated_failures?"}},
  };
  Check(rows);
  const Verdict verdict = Decide(Refused().Mute(kGoogle), ReportsOnly(), kNow);
  ASSERT_EQ(verdict.mutes.size(), 1u);
  EXPECT_EQ(verdict.mutes[0].sentence,
            "Nothing that google.com reports counts until 2026-11-30, failures and "
            "successes alike (root: it reports nonsense).");
}

TEST(LoneFailure, PrintsTheExactCommand) {
  const auto remedy = [](const History& history) {
    return Find(Decide(history, Live(), kNow), "no_refused_sessions")->remedy;
  };
  const auto lone = [](std::int64_t sessions = 1, const char* mx = "mx1.firm.example") {
    History history = History::Clean().Ok(kGoogle, -13, 0, 1000);
    return history.Fail(kGoogle, -3, ResultType::kValidationFailure, sessions, mx)
        .Look(2);
  };
  const std::string command =
      "tlsrptd waive firm.example --reporter google.com --result-type "
      "validation-failure --mx mx1.firm.example --why 'a lone failure without a reason, "
      "and the MX is in order' --until 2026-12-07 --max-sessions 2";
  EXPECT_THAT(remedy(lone()), HasSubstr(command));
  EXPECT_THAT(remedy(lone(3)), HasSubstr("--max-sessions 6"));
  EXPECT_THAT(remedy(lone(1, "")), HasSubstr("--mx '' "));

  const auto none = Not(HasSubstr("tlsrptd waive"));
  EXPECT_THAT(remedy(lone(4)), none) << "four a day";
  EXPECT_THAT(remedy(lone().Fail(kMicrosoft, -3, ResultType::kValidationFailure)), none)
      << "somebody else too";
  EXPECT_THAT(remedy(lone().Fail(kGoogle, -3, kExpired)), none) << "another type too";
  EXPECT_THAT(
      remedy(History::Clean().Fail(kGoogle, -3, ResultType::kValidationFailure).Look(2)),
      none)
      << "1 of 141 sessions";
  History reason = lone();
  reason.Last().failures[0].reason = "certificate has expired";
  EXPECT_THAT(remedy(reason), none);
  History unseen = lone();
  unseen.evidence().observations.clear();
  EXPECT_THAT(remedy(unseen), none) << "nobody has looked";
  History before = lone();
  before.evidence().observations[0].observed_at = Day(-3) + std::chrono::hours{23};
  EXPECT_THAT(remedy(before), none) << "looked on the day of the failure";

  // The command that is printed is one that is taken.
  History waived = lone();
  waived.Waive([](Waiver& w) {
    w.result_type = "validation-failure";
    w.until = Day(16);
    w.max_sessions = 2;
  });
  EXPECT_EQ(Decide(waived, Live(), kNow).kind, kReady);
}

TEST(LoneFailure, NothingFromAReportRunsInAShell) {
  Waiver waiver;
  waiver.reporter = "a.example";
  waiver.result_type = "validation-failure";
  waiver.mx = "x'; rm -rf ~ #\n\x1b";
  waiver.reason = "$(id)";
  waiver.why = "w";
  EXPECT_EQ(WaiveCommand("firm.example", waiver),
            "tlsrptd waive firm.example --reporter a.example --result-type "
            "validation-failure --mx 'x'\\''; rm -rf ~ #?"
            "?' --reason '$(id)' --why w");
}

}  // namespace
}  // namespace tlsrpt::api
