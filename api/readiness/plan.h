// How to move to enforce, or back: the exact file and record, in the right order.
//
// Threads  pure.
#pragma once

#include <optional>

#include "api/readiness/case.h"
#include "api/readiness/verdict.h"

namespace tlsrpt::api {

// Of a domain that is ready: the way to enforce, with the way back. Of one that enforces
// and is at risk: the way back alone. Of any other: nothing.
std::optional<Plan> PlanOf(const Case& c, const Verdict& verdict);

}  // namespace tlsrpt::api
