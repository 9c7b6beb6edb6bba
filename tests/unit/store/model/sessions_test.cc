#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <ostream>
#include <vector>

#include "store/model/filing.h"

namespace tlsrpt::store {

// So that a failed row prints numbers.
std::ostream& operator<<(std::ostream& out, const SessionCounts& counts) {
  return out << "success " << counts.success << ", failure " << counts.failure
             << ", unexplained " << counts.unexplained;
}

namespace {

constexpr auto kOther = PolicyType::kOther;
constexpr auto kSts = PolicyType::kSts;
constexpr auto kTlsa = PolicyType::kTlsa;
constexpr auto kNone = PolicyType::kNoPolicyFound;
constexpr std::int64_t kMax = kMaxSessions;

struct Entry {
  PolicyType type;
  std::int64_t success, failure, unexplained;
};

std::vector<PolicyResult> ResultsOf(const std::vector<Entry>& entries) {
  std::vector<PolicyResult> results;
  for (const Entry& entry : entries) {
    PolicyResult& result = results.emplace_back();
    result.policy_type = entry.type;
    result.success_sessions = entry.success;
    result.failure_sessions = entry.failure;
    result.unexplained_sessions = entry.unexplained;
  }
  return results;
}

TEST(Sessions, CountOfOneType) {
  struct Row {
    const char* why;
    std::vector<Entry> entries;
    SessionCounts want;
  };
  const Row rows[] = {
      {"none", {}, {0, 0, 0}},
      {"none of the type", {{kTlsa, 5, 5, 5}, {kNone, 5, 5, 5}, {kOther, 5, 5, 5}}, {}},
      {"one", {{kSts, 5, 3, 1}}, {5, 3, 1}},
      {"Google: two entries on the day the policy changed",
       {{kSts, 5, 0, 0}, {kSts, 0, 3, 1}},
       {5, 3, 1}},
      {"the largest", {{kSts, kMax, kMax, kMax}}, {kMax, kMax, kMax}},
      {"sums stop there",
       {{kSts, kMax, kMax, kMax}, {kSts, 1, 1, 1}, {kSts, kMax, kMax, kMax}},
       {kMax, kMax, kMax}},
      {"no parser lets these through; they must not overflow",
       {{kSts, INT64_MAX, INT64_MAX, INT64_MAX}, {kSts, INT64_MAX, 0, 0}},
       {kMax, kMax, kMax}},
      {"nor take away", {{kSts, 5, 5, 5}, {kSts, -3, INT64_MIN, -1}}, {5, 5, 5}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(CountOf(ResultsOf(row.entries), kSts), row.want);
  }
}

TEST(Sessions, Distinct) {
  struct Row {
    const char* why;
    std::vector<Entry> entries;
    SessionCounts want;
  };
  const Row rows[] = {
      {"none", {}, {0, 0, 0}},
      {"sts alone", {{kSts, 10, 2, 1}}, {10, 2, 1}},
      {"tlsa alone", {{kTlsa, 10, 2, 1}}, {10, 2, 1}},
      {"no-policy-found alone", {{kNone, 10, 2, 1}}, {10, 2, 1}},
      {"unknown type alone", {{kOther, 10, 2, 1}}, {10, 2, 1}},
      {"Microsoft: the same sessions twice",
       {{kSts, 10, 0, 0}, {kTlsa, 10, 0, 0}},
       {10, 0, 0}},
      {"in the other order", {{kTlsa, 10, 0, 0}, {kSts, 10, 0, 0}}, {10, 0, 0}},
      {"more under tlsa", {{kSts, 4, 0, 0}, {kTlsa, 10, 0, 0}}, {10, 0, 0}},
      {"more under sts", {{kSts, 10, 0, 0}, {kTlsa, 4, 0, 0}}, {10, 0, 0}},
      {"they failed under sts only: they failed",
       {{kSts, 7, 3, 2}, {kTlsa, 10, 0, 0}},
       {7, 3, 2}},
      {"they failed under tlsa only", {{kSts, 10, 0, 0}, {kTlsa, 7, 3, 2}}, {7, 3, 2}},
      {"fewer sessions, more failures: both maxima",
       {{kSts, 100, 0, 0}, {kTlsa, 0, 5, 5}},
       {95, 5, 5}},
      {"the larger unexplained of the two",
       {{kSts, 0, 9, 1}, {kTlsa, 0, 5, 4}},
       {0, 9, 4}},
      {"entries of a type add up before the comparison",
       {{kSts, 6, 0, 0}, {kSts, 6, 1, 0}, {kTlsa, 10, 0, 0}},
       {12, 1, 0}},
      {"a sum of maxima is not a maximum of sums",
       {{kSts, 10, 0, 0}, {kTlsa, 0, 0, 0}, {kSts, 0, 0, 0}, {kTlsa, 10, 0, 0}},
       {10, 0, 0}},
      {"no-policy-found and unknown types are other sessions",
       {{kSts, 10, 1, 1}, {kTlsa, 10, 1, 1}, {kNone, 5, 2, 2}, {kOther, 3, 4, 4}},
       {18, 7, 7}},
      {"success stops at the limit",
       {{kSts, kMax, 0, 0}, {kNone, kMax, 0, 0}, {kOther, kMax, 0, 0}},
       {kMax, 0, 0}},
      {"failure stops at the limit, and does not turn into success",
       {{kSts, 0, kMax, kMax}, {kNone, 0, kMax, kMax}, {kOther, 0, kMax, kMax}},
       {0, kMax, kMax}},
      {"nothing overflows",
       {{kSts, INT64_MAX, INT64_MAX, INT64_MAX},
        {kTlsa, INT64_MAX, INT64_MAX, INT64_MAX},
        {kNone, INT64_MAX, INT64_MAX, INT64_MAX},
        {kOther, INT64_MAX, INT64_MAX, INT64_MAX}},
       {kMax, kMax, kMax}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(DistinctSessions(ResultsOf(row.entries)), row.want);
  }
}

// What readiness stands on: however two types share sessions, no failure that one of
// them says is missing from the distinct count, and no session is made up.
TEST(Sessions, DistinctLosesNoFailureAndInventsNoSession) {
  for (std::int64_t ss = 0; ss <= 4; ++ss) {
    for (std::int64_t sf = 0; sf <= 4; ++sf) {
      for (std::int64_t ts = 0; ts <= 4; ++ts) {
        for (std::int64_t tf = 0; tf <= 4; ++tf) {
          const auto got =
              DistinctSessions(ResultsOf({{kSts, ss, sf, 0}, {kTlsa, ts, tf, 0}}));
          EXPECT_EQ(got.failure, std::max(sf, tf));
          EXPECT_EQ(got.success + got.failure, std::max(ss + sf, ts + tf));
          EXPECT_GE(got.success, 0);
        }
      }
    }
  }
}

}  // namespace
}  // namespace tlsrpt::store
