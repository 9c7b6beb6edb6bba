// How a domain fares that enforces already.
//
// Threads  pure.
#pragma once

#include <string>
#include <vector>

#include "api/readiness/case.h"
#include "api/readiness/verdict.h"

namespace tlsrpt::api {

// Why the domain is at risk, a sentence each, without its full stop; empty: healthy as
// far as reports go. A refusal told by any vouched reporter is one: under enforce that
// mail was refused.
std::vector<std::string> RisksOf(const Case& c, const std::vector<Criterion>& criteria);

}  // namespace tlsrpt::api
