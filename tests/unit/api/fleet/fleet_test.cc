// The pure parts: what is kept of a verdict, whose turn it is when, whether intake is
// behind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "api/fleet/in_short.h"
#include "api/fleet/moment.h"
#include "api/fleet/schedule.h"

namespace tlsrpt::api {
namespace {

using namespace std::chrono;  // NOLINT: literals

using testing::ElementsAre;
using testing::IsEmpty;

constexpr TimePoint kMidnight = sys_days{2026y / November / 26};

Criterion Make(const std::string& id, Status status,
               Severity severity = Severity::kBlocking) {
  Criterion criterion;
  criterion.id = id;
  criterion.status = status;
  criterion.severity = severity;
  criterion.sentence = id + " says so.";
  return criterion;
}

TEST(InShort, WhatStandsInTheWayFailuresFirst) {
  Verdict verdict;
  verdict.domain = "firm.example";
  verdict.kind = VerdictKind::kNotReady;
  verdict.live = false;
  verdict.as_of = kMidnight + 9h;
  verdict.window = {sys_days{2026y / November / 11}, sys_days{2026y / November / 24}};
  verdict.ruleset = "2026-11";
  verdict.sentence = "Not yet.";
  verdict.earliest_ready.day = sys_days{2026y / December / 1};
  verdict.criteria = {
      Make("a", Status::kUnknown), Make("b", Status::kPass),
      Make("c", Status::kFail),    Make("d", Status::kWaived),
      Make("e", Status::kOff),     Make("f", Status::kFail, Severity::kAdvisory),
      Make("g", Status::kFail)};
  const store::DomainStatus status = InShort(verdict);
  EXPECT_EQ(status.domain, "firm.example");
  EXPECT_EQ(status.state, (store::DomainState{"not_ready", "", ""}));
  EXPECT_EQ(status.basis, "reports");
  EXPECT_EQ(status.sentence, "Not yet.");
  EXPECT_THAT(status.blocking, ElementsAre("c", "g", "a"));
  EXPECT_EQ(status.blocking_sentence, "c says so.");
  EXPECT_EQ(status.earliest_ready, sys_days{2026y / December / 1});
  EXPECT_EQ(status.evaluated_at, verdict.as_of);
  EXPECT_EQ(status.evaluated_for, verdict.window.last_day);
}

// Ready with little mail: the ordinary rules for evidence stay unanswered.
TEST(InShort, NothingStandsInTheWayOfWhatIsReady) {
  Verdict verdict;
  verdict.kind = VerdictKind::kReady;
  verdict.confidence = Confidence::kLow;
  verdict.criteria = {Make("sessions_seen", Status::kUnknown)};
  const store::DomainStatus status = InShort(verdict);
  EXPECT_EQ(status.state, (store::DomainState{"ready", "", "low"}));
  EXPECT_EQ(status.basis, "live");
  EXPECT_THAT(status.blocking, IsEmpty());
  EXPECT_EQ(status.blocking_sentence, "");
}

TEST(Schedule, EachHasATurnOfItsOwnAndTheyAreSpread) {
  std::map<seconds, int> minutes_of;
  for (int n = 0; n < 60'000; ++n) {
    const std::string domain = "d" + std::to_string(n) + ".example";
    const seconds turn = TurnOf(domain, 1h);
    ASSERT_GE(turn, 0s);
    ASSERT_LT(turn, 1h);
    EXPECT_EQ(TurnOf(domain, 1h), turn);
    ++minutes_of[floor<minutes>(turn)];
  }
  ASSERT_EQ(minutes_of.size(), 60u);
  for (const auto& [minute, count] : minutes_of) {
    EXPECT_NEAR(count, 1000, 200) << minute.count();
  }
  EXPECT_EQ(TurnOf("firm.example", 1s), 0s);
}

struct TurnRow {
  const char* why;
  TimePoint now;
  std::vector<TimePoint> looks;
  TimePoint want;
};

TEST(Schedule, Table) {
  const seconds turn = TurnOf("firm.example", 1h);
  const TurnRow rows[] = {
      {"its turn today is still to come", kMidnight, {}, kMidnight + turn},
      {"it is its turn", kMidnight + turn, {}, kMidnight + days{1} + turn},
      {"its turn was", kMidnight + 9h, {}, kMidnight + days{1} + turn},
      {"the newest look is too old before that",
       kMidnight + 9h,
       {kMidnight - 10h},
       kMidnight + 16h + 1s},
      {"the look is too old already: nothing changes by waiting",
       kMidnight + 17h,
       {kMidnight - 10h},
       kMidnight + days{1} + turn},
      {"a fresh look lasts beyond the turn",
       kMidnight + 9h,
       {kMidnight + 8h},
       kMidnight + days{1} + turn},
      {"each look that ends may be the newest to have tried a part",
       kMidnight + 9h,
       {kMidnight + 8h, kMidnight - 12h, kMidnight - 11h, kMidnight - 40h},
       kMidnight + 14h + 1s},
  };
  for (const TurnRow& row : rows) {
    SCOPED_TRACE(row.why);
    store::Evidence evidence;
    evidence.domain = "firm.example";
    for (const TimePoint look : row.looks) {
      store::Observation observation;
      observation.observed_at = look;
      evidence.observations.push_back(observation);
    }
    const TimePoint next = NextEvaluation(evidence, {}, row.now, 1h);
    EXPECT_EQ(next, row.want);
    EXPECT_GT(next, row.now);
  }
}

// `readiness` says so from that second on, and the list must not say otherwise until
// midnight.
TEST(Schedule, CertificatesEnd) {
  store::Evidence evidence;
  evidence.domain = "firm.example";
  const TimePoint now = kMidnight + 2h;
  store::Observation look;
  look.observed_at = now - 1h;
  look.policy.certificate.emplace();
  look.policy.certificate->not_before = now - days{80};
  look.policy.certificate->not_after = now + days{10};
  look.addresses.emplace_back().certificate.emplace();
  store::Certificate& of_mx = *look.addresses.back().certificate;
  of_mx.not_before = now - days{83};
  of_mx.not_after = now + days{7} + 3h;  // it must have a week left
  evidence.observations = {look};
  EXPECT_EQ(NextEvaluation(evidence, {}, now, 1h), now + 3h + 1s);
  evidence.observations[0].policy.certificate->not_after = now + 2h;
  EXPECT_EQ(NextEvaluation(evidence, {}, now, 1h), now + 2h + 1s);
  evidence.observations[0].observed_at = now - days{2};
  EXPECT_EQ(NextEvaluation(evidence, {}, now, 1h),
            kMidnight + days{1} + TurnOf("firm.example", 1h))
      << "nothing goes by that look any more";
}

// What was muted counts again from the midnight after its last day, though the domain's
// turn comes later.
TEST(Schedule, MutesAndWaiversEnd) {
  store::Evidence evidence;
  evidence.domain = "firm.example";
  const TimePoint now = kMidnight + 23h;
  const TimePoint turn = kMidnight + days{1} + TurnOf("firm.example", 12h);
  ASSERT_GT(turn, kMidnight + days{1} + 1s);
  EXPECT_EQ(NextEvaluation(evidence, {}, now, 12h), turn);
  evidence.mutes.emplace_back().until = floor<days>(now) + days{1};
  EXPECT_EQ(NextEvaluation(evidence, {}, now, 12h), turn);
  evidence.mutes.emplace_back().until = floor<days>(now);
  EXPECT_EQ(NextEvaluation(evidence, {}, now, 12h), kMidnight + days{1} + 1s);
  evidence.mutes.clear();
  evidence.waivers.emplace_back();
  EXPECT_EQ(NextEvaluation(evidence, {}, now, 12h), turn);
  evidence.waivers.back().until = floor<days>(now);
  EXPECT_EQ(NextEvaluation(evidence, {}, now, 12h), kMidnight + days{1} + 1s);
}

struct IntakeRow {
  const char* why;
  std::vector<store::IntakeState::Node> nodes;
  bool behind;
};

TEST(Moment, Table) {
  const TimePoint now = kMidnight + 9h;
  const IntakeRow rows[] = {
      {"no node: what was imported is all there is", {}, false},
      {"heard of, and nothing waits", {{"a", now - 5s, 0, {}}}, false},
      {"a report is under way", {{"a", now - 5s, 3, now - 59s}}, false},
      {"a report has been waiting", {{"a", now - 5s, 1, now - 61s}}, true},
      {"waits since after the heartbeat: its clock was set back",
       {{"a", now - 5s, 1, now + 1s}},
       true},
      {"something waits, nobody knows since when", {{"a", now - 5s, 1, {}}}, true},
      {"silent for long", {{"a", now - 11min, 0, {}}}, true},
      {"its clock is ahead, or ours is behind", {{"a", now + 11min, 0, {}}}, true},
      {"one of two", {{"a", now - 5s, 0, {}}, {"b", now - 11min, 0, {}}}, true},
  };
  for (const IntakeRow& row : rows) {
    EXPECT_EQ(IntakeIsBehind(row.nodes, {}, now), row.behind) << row.why;
  }
}

}  // namespace
}  // namespace tlsrpt::api
