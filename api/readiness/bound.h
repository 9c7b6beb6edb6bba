// How large the refused share of sessions may still be after so many were seen.
//
// Threads  pure functions.
#pragma once

#include <cstdint>

#include "api/readiness/verdict.h"

namespace tlsrpt::api {

// The one-sided 95 % upper bound of the share behind `refused` of `sessions`, if
// sessions were independent: the share p at which n * KL(k/n || p) = ln 20.
//
// For 0 of n that is exactly 1 - 0.05^(1/n), about 3 / n. For k > 0 it is Chernoff's
// bound: above Clopper and Pearson's (by a fifth for 5 of 100), never below it, and it
// needs no special functions. 1 for no sessions at all.
double UpperShare95(std::int64_t refused, std::int64_t sessions);

// The bound with its sentence, which says that independence is an assumption.
UpperBound BoundOf(std::int64_t refused, std::int64_t sessions);

}  // namespace tlsrpt::api
