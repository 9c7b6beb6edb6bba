// The exit status of `tlsrptd readiness` (DESIGN 7), for pipelines.
#pragma once

#include "api/readiness/verdict.h"

namespace tlsrpt::api {

// 0 ready, 1 not ready, 2 insufficient evidence, 3 not applicable, 4 enforcing and
// healthy, 5 enforcing at risk. 0 for nothing but `ready`.
int ExitCodeOf(const Verdict& verdict);

}  // namespace tlsrpt::api
