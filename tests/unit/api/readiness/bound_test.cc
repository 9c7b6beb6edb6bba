#include "api/readiness/bound.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>

namespace tlsrpt::api {
namespace {

// P(at most k of n) for a share p: the slow way, term by term.
double AtMost(std::int64_t k, std::int64_t n, double p) {
  double sum = 0;
  double term = std::pow(1 - p, static_cast<double>(n));
  for (std::int64_t i = 0; i <= k; ++i) {
    sum += term;
    term *= static_cast<double>(n - i) / static_cast<double>(i + 1) * p / (1 - p);
  }
  return sum;
}

TEST(Bound, Table) {
  const struct {
    const char* why;
    std::int64_t refused;
    std::int64_t sessions;
    double low;
    double high;
  } rows[] = {
      {"no sessions: anything", 0, 0, 1, 1},
      {"one clean session says next to nothing", 0, 1, 0.95, 0.95},
      {"the rule of three: 0 of 100", 0, 100, 0.029513, 0.029514},
      {"0 of a million", 0, 1000000, 2.995e-6, 2.996e-6},
      {"0 of the largest count", 0, 1000000000000, 2.99e-12, 3.0e-12},
      // Clopper and Pearson's, one-sided, are 0.0466, 0.1023 and 0.5864.
      {"1 of 100", 1, 100, 0.0465, 0.0600},
      {"5 of 100", 5, 100, 0.1022, 0.1230},
      {"half", 50, 100, 0.5862, 0.63},
      {"all but one", 99, 100, 0.9994, 1},
      {"all", 100, 100, 1, 1},
      {"more refusals than sessions", 7, 3, 1, 1},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const double share = UpperShare95(row.refused, row.sessions);
    EXPECT_GE(share, row.low);
    EXPECT_LE(share, row.high);
  }
}

// At the bound, so few refusals would be seen in at most one case of twenty; and the
// bound for none is exact.
TEST(Bound, IsNeverBelowTheExactOne) {
  for (const std::int64_t n : {1, 2, 10, 100, 500}) {
    for (std::int64_t k = 0; k < n; k = k * 2 + 1) {
      SCOPED_TRACE(testing::Message() << k << " of " << n);
      EXPECT_LE(AtMost(k, n, UpperShare95(k, n)), 0.05 + 1e-9);
    }
    EXPECT_NEAR(AtMost(0, n, UpperShare95(0, n)), 0.05, 1e-9);
  }
}

TEST(Bound, SaysWhatItAssumes) {
  EXPECT_EQ(
      BoundOf(0, 280).sentence,
      "0 of 280 sessions refused: if sessions were independent, at most 1.06 % of "
      "all would be (95 % upper bound); sessions of one sender are not independent.");
  EXPECT_THAT(BoundOf(9, 9).sentence, testing::HasSubstr("at most 100 %"));
  EXPECT_THAT(BoundOf(0, 1000000000).sentence, testing::HasSubstr("at most 0.001 %"));
  EXPECT_THAT(BoundOf(0, 0).sentence, testing::HasSubstr("any share"));
}

}  // namespace
}  // namespace tlsrpt::api
