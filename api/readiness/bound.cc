#include "api/readiness/bound.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "api/readiness/format.h"

namespace tlsrpt::api {
namespace {

constexpr double kLn20 = 2.995732273553991;  // -ln(0.05)

// n times the Kullback-Leibler divergence of the seen share from `p`.
double Distance(double refused, double sessions, double p) {
  const double passed = sessions - refused;
  double sum = passed * (std::log(passed / sessions) - std::log1p(-p));
  if (refused > 0) sum += refused * (std::log(refused / sessions) - std::log(p));
  return sum;
}

std::string PercentText(double share) {
  if (share < 1e-5) return "0.001 %";
  char text[40];
  std::snprintf(text, sizeof text, "%.3g %%", share * 100);
  return text;
}

}  // namespace

double UpperShare95(std::int64_t refused, std::int64_t sessions) {
  if (sessions <= 0 || refused >= sessions) return 1;
  const double k = static_cast<double>(std::max<std::int64_t>(refused, 0));
  const double n = static_cast<double>(sessions);
  if (k == 0) return -std::expm1(-kLn20 / n);
  double low = k / n;
  double high = 1;
  for (int step = 0; step < 200; ++step) {  // halves until doubles end
    const double middle = (low + high) / 2;
    (Distance(k, n, middle) < kLn20 ? low : high) = middle;
  }
  return high;
}

UpperBound BoundOf(std::int64_t refused, std::int64_t sessions) {
  UpperBound bound{refused, sessions, UpperShare95(refused, sessions), ""};
  if (sessions <= 0) {
    bound.sentence = "No sessions, so any share of them may be refused.";
  } else {
    bound.sentence = CountText(refused) + " of " + Counted(sessions, "session") +
                     " refused: if sessions were independent, at most " +
                     PercentText(bound.share) +
                     " of all would be (95 % upper bound); sessions of one sender are "
                     "not independent.";
  }
  return bound;
}

}  // namespace tlsrpt::api
