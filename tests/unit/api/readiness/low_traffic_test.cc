// Scenarios: a domain with little mail.

#include "api/readiness/low_traffic.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/unit/api/readiness/row.h"

namespace tlsrpt::api {
namespace {

using std::chrono::days;
using store::Observation;
using store::PolicyType;
using store::ResultType;
using ::testing::HasSubstr;

constexpr auto kReady = VerdictKind::kReady;
constexpr auto kNotReady = VerdictKind::kNotReady;
constexpr auto kInsufficient = VerdictKind::kInsufficientEvidence;

const std::vector<std::string> kShort = {"days_covered?", "reporters_seen?",
                                         "sessions_seen?"};

// One reporter, two sessions on each third day: 10 of 28 days, 20 sessions; a look a day.
History Tiny(std::int64_t sessions = 2) {
  History history;
  for (int day = -27; day <= 0; day += 3) history.Ok(kGoogle, day, day, sessions);
  return history.Looks(-11, 2);
}

// Without the evidence of this day.
History TinyWithout(int missing) {
  History history = Tiny();
  for (auto& row : history.evidence().rows) {
    if (row.day == Day(missing)) row.success_sessions = 0;
  }
  return history;
}

void Spoil(Observation& look) {
  look.addresses[0].outcome = store::ProbeOutcome::kStarttlsMissing;
}

History TinyWithLooks(int good, int bad) {
  History history = Tiny();
  history.evidence().observations.clear();
  for (int n = 0; n < bad; ++n) history.Look(-11 + n, Spoil);
  return history.Looks(3 - good, 2);
}

ReadinessSettings Strict() {
  ReadinessSettings settings = Live();
  settings.low_traffic = false;
  return settings;
}

ReadinessSettings Requiring(const char* reporter) {
  ReadinessSettings settings = Live();
  settings.required_reporters = {reporter};
  return settings;
}

TEST(LowTraffic, WhatItTakes) {
  const Row rows[] = {
      {"10 days, 1 reporter, 20 sessions, looks on 14 days", Tiny(), kReady, {}, Live()},
      {"by its reports alone", Tiny(), kInsufficient, kShort, ReportsOnly()},
      {"turned off", Tiny(), kInsufficient, kShort, Strict()},
      {"10 sessions", Tiny(1), kInsufficient, kShort, Live()},
      {"9 days", TinyWithout(-12).Ok(kGoogle, -15, -15, 2), kInsufficient, kShort,
       Live()},
      {"in testing for 27 days", TinyWithout(-27).Ok(kGoogle, -26, -26, 2), kInsufficient,
       kShort, Live()},
      {"in testing for longer",
       TinyWithout(-27).Ok(kGoogle, -28, -28, 2).Ok(kGoogle, -26, -26, 2),
       kReady,
       {},
       Live()},
      {"looks passed on 10 days", TinyWithLooks(10, 0), kReady, {}, Live()},
      {"looks passed on 9 days", TinyWithLooks(9, 0), kInsufficient, kShort, Live()},
      {"looks passed on 10 days and failed on 4",
       TinyWithLooks(10, 4),
       kReady,
       {},
       Live()},
      {"a day on which one look passed and one failed is none",
       TinyWithLooks(10, 0).Look(-5, Spoil), kInsufficient, kShort, Live()},
      {"an incomplete look is none",
       [] {
         History history = TinyWithLooks(10, 0);
         history.evidence().observations[3].complete = false;
         return history;
       }(),
       kInsufficient, kShort, Live()},
      {"the last look fails",
       Tiny().Look(2,
                   [](Observation& look) {
                     Spoil(look);
                     look.observed_at += std::chrono::hours{1};
                   }),
       kNotReady,
       {"days_covered?", "reporters_seen?", "sessions_seen?", "mx_hosts_ready!"},
       Live()},
      {"a refused session 26 days before the window's end",
       Tiny().Fail(kGoogle, -26, ResultType::kCertificateExpired), kInsufficient, kShort,
       Live()},
      {"one 28 days before",
       Tiny().Fail(kGoogle, -28, ResultType::kCertificateExpired),
       kReady,
       {},
       Live()},
      {"one of an uncounted reporter, settled by a look",
       Tiny().Fail(kOther, -20, ResultType::kCertificateExpired), kInsufficient, kShort,
       Live()},
      {"one that was waived",
       Tiny().Fail(kGoogle, -20, ResultType::kCertificateExpired).Waive(), kInsufficient,
       kShort, Live()},
      {"a pattern removed three weeks ago",
       [] {
         History history;
         history.Testing({"mx1.firm.example", "mx2.firm.example", "mx3.firm.example"});
         history.Ok(kGoogle, -40, -21, 2);
         history.Testing({"mx1.firm.example", "mx2.firm.example"});
         return history.Ok(kGoogle, -20, 0, 2).Looks(-11, 2);
       }(),
       kInsufficient,
       {"reporters_seen?", "sessions_seen?"},
       Live()},
      {"only a reporter that is not counted",
       [] {
         History history;
         return history.Ok(kOther, -27, 0, 2).Looks(-11, 2);
       }(),
       kInsufficient,
       {"policy_in_testing?", "testing_long_enough?", "days_covered?", "reporters_seen?",
        "sessions_seen?"},
       Live()},
      {"the required reporter is the one", Tiny(), kReady, {}, Requiring(kGoogle)},
      {"the required reporter is another", Tiny(), kInsufficient, kShort,
       Requiring(kMicrosoft)},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    const Verdict verdict = Decide(row.evidence, row.settings, row.now);
    if (row.want == kReady) {
      EXPECT_EQ(verdict.confidence, Confidence::kLow);
      EXPECT_THAT(verdict.sentence, HasSubstr("with low confidence"));
      EXPECT_THAT(verdict.sentence, HasSubstr("95 % upper bound"));
    }
  }
  Check(rows);
}

TEST(LowTraffic, MuchMailNeedsNone) {
  const Verdict verdict = Decide(History::Clean(-40).Looks(-11, 2), Live(), kNow);
  EXPECT_EQ(verdict.confidence, Confidence::kNormal);
}

TEST(LowTraffic, SaysWhatIsMissing) {
  const Verdict verdict = Decide(TinyWithLooks(9, 0), Live(), kNow);
  EXPECT_THAT(Find(verdict, "sessions_seen")->remedy,
              HasSubstr("looks of our own that pass on 10 days of 14 (9)"));
  // A look tomorrow is the tenth.
  EXPECT_EQ(verdict.earliest_ready.day, Day(3)) << verdict.earliest_ready.sentence;
}

TEST(RequiredReporters, MustBeAmongThoseSeen) {
  const Row rows[] = {
      {"it is", History::Clean().Look(2), kReady, {}, Requiring(kGoogle)},
      {"it is not",
       History::Clean().Look(2),
       kInsufficient,
       {"reporters_seen?"},
       Requiring(kMailRu)},
      {"it is not counted",
       History::Clean().Ok(kOther, -13, 0).Look(2),
       kInsufficient,
       {"reporters_seen?"},
       Requiring(kOther)},
      {"it is there on 2 days",
       History::Clean().Ok(kMailRu, -1, 0).Look(2),
       kInsufficient,
       {"reporters_seen?"},
       Requiring(kMailRu)},
      {"it is there on 3 days",
       History::Clean().Ok(kMailRu, -2, 0).Look(2),
       kReady,
       {},
       Requiring(kMailRu)},
  };
  Check(rows);
}

}  // namespace
}  // namespace tlsrpt::api
