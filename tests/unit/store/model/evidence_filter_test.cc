#include "store/model/evidence_filter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <set>
#include <utility>
#include <vector>

namespace tlsrpt::store {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::sys_days;

constexpr sys_days kDay = std::chrono::year{2026} / std::chrono::November / 21;

EvidenceRow RowOn(int day) {
  EvidenceRow row;
  row.day = row.first_day = row.last_day = kDay + days{day};
  row.received_at = row.day + days{1} + hours{6};
  row.reporter = "google.com";
  row.vouched = true;
  return row;
}

Evidence Some() {
  Evidence evidence;
  evidence.domain = "firm.example";
  for (int day = -2; day <= 2; ++day) {
    evidence.rows.push_back(RowOn(day));
    evidence.observations.emplace_back().observed_at = kDay + days{day} + hours{8};
  }
  evidence.rows.back().failures.resize(2);
  evidence.rows.back().failures.back().failed_sessions = 1;
  evidence.waivers.emplace_back().made_at = kDay;
  evidence.waivers.back().withdrawn_at = kDay + days{1};
  evidence.mutes.emplace_back().made_at = kDay;
  return evidence;
}

TEST(EvidenceFilter, KnownAt) {
  const Evidence before = KnownAt(Some(), kDay - std::chrono::seconds{1});
  EXPECT_EQ(before.rows.size(), 0u + 1) << "the report of day -2 came on day -1";
  EXPECT_EQ(before.observations.size(), 2u);
  EXPECT_TRUE(before.waivers.empty());
  EXPECT_TRUE(before.mutes.empty());
  const Evidence at = KnownAt(Some(), kDay + hours{12});
  EXPECT_EQ(at.rows.size(), 2u);
  ASSERT_EQ(at.waivers.size(), 1u);
  EXPECT_FALSE(at.waivers[0].withdrawn_at) << "not withdrawn yet";
  EXPECT_EQ(at.mutes.size(), 1u);
  EXPECT_TRUE(KnownAt(Some(), kDay + days{1}).waivers[0].withdrawn_at);
}

TEST(EvidenceFilter, DigestKnowsNoOrder) {
  Evidence evidence = Some();
  const Uuid digest = EvidenceDigest(evidence);
  std::reverse(evidence.rows.begin(), evidence.rows.end());
  std::reverse(evidence.rows.front().failures.begin(),
               evidence.rows.front().failures.end());
  std::reverse(evidence.observations.begin(), evidence.observations.end());
  evidence.intake.nodes.push_back({"node-1", kDay, 3, {}});
  EXPECT_EQ(EvidenceDigest(evidence), digest);
}

TEST(EvidenceFilter, DigestKnowsEverythingElse) {
  std::set<Uuid> seen{EvidenceDigest(Some())};
  const std::vector<std::function<void(Evidence&)>> changes = {
      [](Evidence& e) { e.domain = "other.example"; },
      [](Evidence& e) { e.rows.pop_back(); },
      [](Evidence& e) { e.rows.push_back(e.rows.back()); },
      [](Evidence& e) { e.rows[0].report_key.bytes[0] = 1; },
      [](Evidence& e) { e.rows[0].filed_under = "mx"; },
      [](Evidence& e) { e.rows[0].day += days{9}; },
      [](Evidence& e) { e.rows[0].first_day -= days{9}; },
      [](Evidence& e) { e.rows[0].last_day += days{9}; },
      [](Evidence& e) { e.rows[0].reporter = "mail.ru"; },
      [](Evidence& e) { e.rows[0].vouched = false; },
      [](Evidence& e) { e.rows[0].from_known = false; },
      [](Evidence& e) { e.rows[0].received_at += hours{1}; },
      [](Evidence& e) { e.rows[0].written_at = kDay; },
      [](Evidence& e) { e.rows[0].policy_type = PolicyType::kSts; },
      [](Evidence& e) { e.rows[0].policy_hash = Uuid{}; },
      [](Evidence& e) { e.rows[0].success_sessions = 1; },
      [](Evidence& e) { e.rows[0].failure_sessions = 1; },
      [](Evidence& e) { e.rows[0].unexplained_sessions = 1; },
      [](Evidence& e) { e.rows[4].failures[0].result_type = ResultType::kTlsaInvalid; },
      [](Evidence& e) { e.rows[4].failures[0].result_type_text = "x"; },
      [](Evidence& e) { e.rows[4].failures[0].receiving_mx = "mx"; },
      [](Evidence& e) { e.rows[4].failures[0].reason = "x"; },
      [](Evidence& e) { e.rows[4].failures[0].failed_sessions = 5; },
      [](Evidence& e) { e.policy_texts[Uuid{}].mode = PolicyMode::kEnforce; },
      [](Evidence& e) { e.policy_texts[Uuid{}].mode = PolicyMode::kNone; },
      [](Evidence& e) { e.policy_texts[Uuid{}].max_age = std::chrono::seconds{1}; },
      [](Evidence& e) { e.observations[0].complete = true; },
      [](Evidence& e) { e.waivers[0].withdrawn_at.reset(); },
      [](Evidence& e) { e.waivers[0].until = kDay; },
      [](Evidence& e) { e.waivers[0].max_sessions = 1; },
      [](Evidence& e) { e.mutes[0].until = kDay; },
      [](Evidence& e) { e.mutes.clear(); },
      [](Evidence& e) { e.intake.vouched_quarantined = 1; },
      [](Evidence& e) { e.intake.vouched_foreign = 1; },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    Evidence evidence = Some();
    changes[i](evidence);
    EXPECT_TRUE(seen.insert(EvidenceDigest(evidence)).second) << i;
  }
}

}  // namespace
}  // namespace tlsrpt::store
