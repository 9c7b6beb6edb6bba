// Every policy that was reported, when and by whom, and what changed between them.
//
// Threads  pure.
#pragma once

#include "api/readiness/case.h"
#include "api/readiness/verdict.h"

namespace tlsrpt::api {

Timeline TimelineOf(const Case& c);

}  // namespace tlsrpt::api
