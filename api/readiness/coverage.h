// Who reported on which days of the window.
//
// Threads  pure.
#pragma once

#include "api/readiness/case.h"
#include "api/readiness/verdict.h"

namespace tlsrpt::api {

Coverage CoverageOf(const Case& c);

}  // namespace tlsrpt::api
