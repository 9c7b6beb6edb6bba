// The policy timeline, the plan, incidents, and who fell silent.

#include "api/readiness/timeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "api/readiness/decide.h"
#include "api/readiness/incidents.h"
#include "api/readiness/text.h"
#include "store/model/sts_policy.h"
#include "store/model/sts_record.h"
#include "tests/unit/api/readiness/history.h"

namespace tlsrpt::api {
namespace {

using std::chrono::days;
using std::chrono::seconds;
using store::PolicyMode;
using store::PolicyType;
using store::ResultType;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

const std::vector<std::string> kAB = {"mx1.firm.example", "mx2.firm.example"};
constexpr auto kExpired = ResultType::kCertificateExpired;

TEST(TimelineAnswer, VersionsAndChanges) {
  History history;
  history.Testing({"mx1.firm.example"}).Ok(kGoogle, -30, -21).Ok(kOther, -31, -31, 1);
  history.Testing(kAB).Ok(kGoogle, -20, -11).Ok(kMicrosoft, -20, 0);
  history.MaxAge(seconds{604800}).Ok(kGoogle, -10, -6);
  history.Enforce(kAB).Ok(kGoogle, -5, 0).Fail(kGoogle, -5, kExpired, 3);
  history.Unvouched().Testing({"evil.example"}).Ok(kGoogle, -5, 0);
  const Timeline timeline = Decide(history, ReportsOnly(), kNow).timeline;
  ASSERT_EQ(timeline.versions.size(), 4u) << "a stranger writes no timeline";
  const PolicyVersion& first = timeline.versions[0];
  EXPECT_EQ(first.first_day, Day(-31));
  EXPECT_EQ(first.last_day, Day(-21));
  EXPECT_EQ(first.sessions, 101);
  ASSERT_EQ(first.reporters.size(), 2u);
  EXPECT_EQ(first.reporters[0].reporter, kGoogle);
  EXPECT_TRUE(first.reporters[0].counted);
  EXPECT_EQ(first.reporters[0].first_day, Day(-30));
  EXPECT_EQ(first.reporters[1].reporter, kOther);
  EXPECT_FALSE(first.reporters[1].counted);
  EXPECT_EQ(timeline.versions[3].mode, PolicyMode::kEnforce);
  EXPECT_TRUE(timeline.versions[3].current);
  EXPECT_FALSE(timeline.versions[2].current);
  EXPECT_EQ(timeline.versions[3].sessions, 63);

  ASSERT_EQ(timeline.changes.size(), 3u);
  EXPECT_EQ(timeline.changes[0].sentence,
            "2026-11-01: mx mx2.firm.example added; the two weeks go on.");
  EXPECT_FALSE(timeline.changes[0].restarts_clock);
  EXPECT_EQ(timeline.changes[1].sentence,
            "2026-11-11: max_age 86400 to 604800; the two weeks go on.");
  EXPECT_EQ(timeline.changes[2].sentence,
            "2026-11-16: mode testing to enforce and max_age 604800 to 86400; the two "
            "weeks begin again.");
  EXPECT_TRUE(timeline.changes[2].restarts_clock);
  EXPECT_THAT(timeline.behind, ElementsAre(kMicrosoft));
}

TEST(TimelineAnswer, ARemovedPatternBeginsAgain) {
  History history;
  history.Ok(kGoogle, -30, -11).Testing({"mx1.firm.example"}).Ok(kGoogle, -10, 0);
  const Timeline timeline = Decide(history, ReportsOnly(), kNow).timeline;
  ASSERT_EQ(timeline.changes.size(), 1u);
  EXPECT_TRUE(timeline.changes[0].restarts_clock);
  EXPECT_THAT(timeline.changes[0].sentence, HasSubstr("mx mx2.firm.example removed"));
  EXPECT_TRUE(timeline.behind.empty());
}

TEST(PlanAnswer, ToEnforce) {
  const Verdict verdict = Decide(History::Clean().Look(2), Live(), kNow);
  ASSERT_TRUE(verdict.plan.has_value());
  const Plan& plan = *verdict.plan;
  EXPECT_EQ(plan.kind, PlanKind::kEnforce);
  EXPECT_FALSE(plan.from_reports);
  EXPECT_EQ(plan.policy_url, "https://mta-sts.firm.example/.well-known/mta-sts.txt");
  EXPECT_EQ(plan.policy_file,
            "version: STSv1\r\nmode: enforce\r\nmx: mx1.firm.example\r\n"
            "mx: mx2.firm.example\r\nmax_age: 86400\r\n");
  EXPECT_EQ(plan.txt_name, "_mta-sts.firm.example");
  EXPECT_EQ(plan.txt_record, "v=STSv1; id=20261123T100000Z;");

  ASSERT_EQ(plan.steps.size(), 5u);
  EXPECT_EQ(plan.steps[0].text, plan.policy_file) << "the file first (RFC 8461, 8.1)";
  EXPECT_EQ(plan.steps[1].text, plan.txt_record);
  EXPECT_THAT(plan.steps[2].title, HasSubstr("14 days"));
  EXPECT_EQ(store::ParseStsPolicy(plan.steps[3].text)->max_age, seconds{604800});
  EXPECT_EQ(store::ParseStsPolicy(plan.steps[4].text)->max_age, seconds{1209600});
  for (const PlanStep& step : plan.steps) {
    EXPECT_FALSE(step.check.empty()) << step.title;
    EXPECT_FALSE(step.instruction.empty()) << step.title;
  }
  const Rollback& back = plan.rollback;
  EXPECT_EQ(store::ParseStsPolicy(back.policy_file)->mode, PolicyMode::kTesting);
  EXPECT_EQ(store::ParseStsPolicy(back.policy_file)->max_age, seconds{86400});
  ASSERT_EQ(back.steps.size(), 3u);
  EXPECT_EQ(back.steps[2].title, "Delete nothing");
  EXPECT_EQ(back.worst_case, seconds{1209600});
  EXPECT_NE(store::StsRecordOf({back.txt_record})->id, plan.id);
  EXPECT_THAT(back.sentence, HasSubstr("14 days"));
}

TEST(PlanAnswer, KeepsTheOrderOfTheFileAndAFreshId) {
  History history = History::Clean().Look(2, [](store::Observation& look) {
    look.mta_sts.records = {"v=STSv1; id=20261123T100000Z"};
    look.policy.body =
        "version: STSv1\nmode: testing\nmx: *.firm.example\nmx: mx2.firm.example\n"
        "mx: mx1.firm.example\nmax_age: 604800\n";
  });
  const Plan plan = *Decide(history, Live(), kNow).plan;
  EXPECT_EQ(store::ParseStsPolicy(plan.policy_file)->mx,
            (std::vector<std::string>{"*.firm.example", "mx2.firm.example",
                                      "mx1.firm.example"}));
  EXPECT_EQ(store::StsRecordOf({plan.txt_record})->id, "20261123T100000Z1");
}

TEST(PlanAnswer, WhoGetsOne) {
  const Verdict by_reports = Decide(History::Clean(), ReportsOnly(), kNow);
  ASSERT_TRUE(by_reports.plan.has_value());
  EXPECT_TRUE(by_reports.plan->from_reports);
  EXPECT_THAT(by_reports.plan->steps[0].instruction,
              HasSubstr("must be those of the file you serve"));
  EXPECT_FALSE(
      Decide(History::Clean().Fail(kGoogle, 0, kExpired), ReportsOnly(), kNow).plan);
  EXPECT_FALSE(Decide(History::Clean(), Live(), kNow).plan);
  History odd;
  odd.Testing({"mx1.firm.example", "mx 2;$(id)"});
  odd.Ok(kGoogle, -13, 0).Ok(kMicrosoft, -13, 0);
  EXPECT_FALSE(Decide(odd, ReportsOnly(), kNow).plan) << "not a text to copy";

  History enforcing;
  enforcing.Enforce(kAB).MaxAge(seconds{604800}).Ok(kGoogle, -13, 0);
  EXPECT_FALSE(Decide(enforcing, ReportsOnly(), kNow).plan) << "healthy";
  enforcing.MaxAge(seconds{86400}).Fail(kGoogle, 0, kExpired);
  const Verdict at_risk = Decide(enforcing, ReportsOnly(), kNow);
  ASSERT_TRUE(at_risk.plan.has_value());
  EXPECT_EQ(at_risk.plan->kind, PlanKind::kRollback);
  EXPECT_TRUE(at_risk.plan->steps.empty());
  EXPECT_EQ(at_risk.plan->rollback.worst_case, seconds{604800})
      << "the largest one that was served";
  EXPECT_THAT(at_risk.plan->rollback.sentence,
              HasSubstr("7 days: published now, 2026-11-30T10:00:00Z"));
  EXPECT_EQ(store::StsRecordOf({at_risk.plan->rollback.txt_record})->id,
            "20261123T100000Z");
}

TEST(PlanAnswer, InWords) {
  const std::string text = ToText(Decide(History::Clean(), ReportsOnly(), kNow));
  EXPECT_THAT(text, HasSubstr("How to enforce\n  1. Serve the policy file in mode"));
  EXPECT_THAT(text, HasSubstr("        mode: enforce\n"));
  EXPECT_THAT(text, HasSubstr("The way back\n"));
  EXPECT_THAT(text, HasSubstr("############## google.com: daily"));
  EXPECT_THAT(text, HasSubstr("2026-11-08 to 2026-11-21: mode testing, mx"));
  EXPECT_THAT(text, Not(HasSubstr("\r")));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  const std::string colour = ToText(Decide(History::Clean(), ReportsOnly(), kNow), true);
  EXPECT_THAT(colour, HasSubstr("\x1b[1;32mfirm.example is ready"));
}

TEST(Incidents, OpenUpdateClose) {
  History history = History::Clean(-40);
  history.Fail(kGoogle, -30, kExpired, 2).Fail(kMicrosoft, -28, kExpired, 5);
  history.Fail(kGoogle, -28, kExpired, 1);
  history.Fail(kGoogle, -20, kExpired, 1);                     // 7 days and one later
  history.Fail(kGoogle, -3, kExpired, 1).Period(-5, -1);       // another one
  history.Fail(kGoogle, -2, kExpired, 1, "mx2.firm.example");  // at another MX
  history.Fail(kGoogle, -2, ResultType::kStsPolicyFetchError, 1, "");
  history.Type(PolicyType::kTlsa).Fail(kGoogle, -2, kExpired, 4);
  history.Unvouched().Fail(kGoogle, -10, kExpired, 9);
  const auto incidents = IncidentsOf(history, ReportsOnly(), kNow);
  ASSERT_EQ(incidents.size(), 5u);
  const auto find = [&](const char* mx, int opened) -> const Incident& {
    const auto at = std::find_if(
        incidents.begin(), incidents.end(),
        [&](const auto& each) { return each.mx == mx && each.opened_on == Day(opened); });
    EXPECT_NE(at, incidents.end()) << mx << " " << opened;
    return *at;
  };
  const Incident& old = find("mx1.firm.example", -30);
  EXPECT_EQ(old.last_day, Day(-28));
  EXPECT_EQ(old.closed_on, Day(-20)) << "after seven quiet days";
  EXPECT_EQ(old.sessions, 8);
  EXPECT_THAT(old.by_reporter, ElementsAre(Pair(kMicrosoft, 5), Pair(kGoogle, 3)));
  EXPECT_THAT(old.updates, ElementsAre(Pair(Day(-30), 2), Pair(Day(-28), 6)));
  EXPECT_EQ(find("mx1.firm.example", -20).closed_on, Day(-12));
  const Incident& open = find("mx1.firm.example", -5);
  EXPECT_EQ(open.closed_on, std::nullopt);
  EXPECT_EQ(open.last_day, Day(-1));
  EXPECT_EQ(open.sessions, 5) << "under sts and under tlsa: one certificate";
  EXPECT_EQ(open.meaning, Meaning::kRefused);
  EXPECT_EQ(find("", -2).meaning, Meaning::kRetrieval);
  EXPECT_EQ(incidents.front().last_day, Day(-1)) << "most recent first";
  EXPECT_EQ(incidents.back().opened_on, Day(-30));
  const auto json = ToJson(old, "firm.example");
  EXPECT_EQ(json["id"], "firm.example/mx1.firm.example/certificate-expired/2026-10-22");
  EXPECT_EQ(json["state"], "closed");
  EXPECT_EQ(json["updates"].size(), 2u);
}

TEST(Incidents, StayOpenForSevenQuietDays) {
  History history = History::Clean();
  history.Fail(kGoogle, -5, kExpired);
  EXPECT_FALSE(IncidentsOf(history, ReportsOnly(), kNow)[0].closed_on) << "7 days ago";
  EXPECT_EQ(IncidentsOf(history, ReportsOnly(), kNow + days{1})[0].closed_on, Day(3));
  EXPECT_TRUE(IncidentsOf(history, ReportsOnly(), kNow - days{10}).empty())
      << "not yet, even by a clock that runs ahead";
  EXPECT_TRUE(IncidentsOf(History::Clean(), ReportsOnly(), kNow).empty());
  history.Fail(kGoogle, -12, kExpired);
  EXPECT_EQ(IncidentsOf(history, ReportsOnly(), kNow).size(), 1u) << "seven days apart";
}

TEST(CoverageAnswer, WhoWroteDailyAndFellSilent) {
  History history = History::Clean();
  history.Ok(kMailRu, -30, -3)
      .Ok("weekly.example", -30, -30)
      .Ok("weekly.example", -9, -9);
  const Coverage coverage = Decide(history, ReportsOnly(), kNow).coverage;
  EXPECT_THAT(coverage.sentence, HasSubstr("fell silent: mail.ru after 2026-11-18."));
  history.Ok(kMailRu, -2, -2);
  EXPECT_THAT(Decide(history, ReportsOnly(), kNow).coverage.sentence,
              Not(HasSubstr("silent")));
}

}  // namespace
}  // namespace tlsrpt::api
