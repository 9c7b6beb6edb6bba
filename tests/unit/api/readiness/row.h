// A row of the scenario tables: a history, and everything that must come of it.
#pragma once

#include <gtest/gtest.h>

#include <set>
#include <span>
#include <string>
#include <vector>

#include "api/readiness/decide.h"
#include "tests/unit/api/readiness/history.h"

namespace tlsrpt::api {

struct Row {
  const char* why;
  store::Evidence evidence;
  VerdictKind want;
  // Every blocking criterion that is neither pass nor off: "days_covered?" for unknown,
  // "no_refused_sessions!" for fail. In the order of DESIGN 6.
  std::vector<std::string> in_the_way = {};
  ReadinessSettings settings = ReportsOnly();
  TimePoint now = kNow;
};

inline std::vector<std::string> InTheWay(const Verdict& verdict) {
  std::vector<std::string> found;
  for (const Criterion& criterion : verdict.criteria) {
    if (criterion.severity != Severity::kBlocking) continue;
    if (criterion.status == Status::kFail) found.push_back(criterion.id + "!");
    if (criterion.status == Status::kUnknown) found.push_back(criterion.id + "?");
  }
  return found;
}

// What holds for every verdict, whatever the history.
inline void ExpectWellFormed(const Verdict& verdict) {
  std::set<std::string> ids;
  for (const Criterion& criterion : verdict.criteria) {
    SCOPED_TRACE(criterion.id);
    EXPECT_TRUE(ids.insert(criterion.id).second);
    EXPECT_FALSE(criterion.sentence.empty());
    EXPECT_EQ(criterion.sentence.back(), '.');
    const bool open =
        criterion.status == Status::kFail || criterion.status == Status::kUnknown;
    if (open) {
      EXPECT_FALSE(criterion.remedy.empty());
      EXPECT_EQ(criterion.remedy.back(), '.');
    }
  }
  EXPECT_EQ(ids.size(), 17u);
  EXPECT_EQ(
      ids, std::set<std::string>(
               {"policy_in_testing", "testing_long_enough", "days_covered",
                "reporters_seen", "sessions_seen", "usual_reporters_in", "intake_settled",
                "no_refused_sessions", "uncorroborated_failures", "failures_at_mx",
                "policy_retrievable", "dns_records_valid", "policy_served",
                "mx_hosts_ready", "id_in_step", "unvouched_failures", "dane_health"}));
  EXPECT_FALSE(verdict.sentence.empty());
  EXPECT_FALSE(verdict.replay.sentence.empty());
  EXPECT_FALSE(verdict.replay.bound.sentence.empty());
  EXPECT_FALSE(verdict.coverage.sentence.empty());
  EXPECT_FALSE(verdict.earliest_ready.sentence.empty());
  EXPECT_EQ(verdict.health != Health::kNone, verdict.kind == VerdictKind::kEnforcing);
  EXPECT_EQ(verdict.confidence != Confidence::kNone, verdict.kind == VerdictKind::kReady);
}

inline void Check(std::span<const Row> rows) {
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    const Verdict verdict = Decide(row.evidence, row.settings, row.now);
    EXPECT_EQ(NameOf(verdict.kind), NameOf(row.want)) << verdict.sentence;
    EXPECT_EQ(InTheWay(verdict), row.in_the_way);
    ExpectWellFormed(verdict);
  }
}

}  // namespace tlsrpt::api
