// What enforce would have refused since the window began, told once more in numbers.
//
// Threads  pure.
#pragma once

#include "api/readiness/case.h"
#include "api/readiness/verdict.h"

namespace tlsrpt::api {

Replay ReplayOf(const Case& c);

}  // namespace tlsrpt::api
