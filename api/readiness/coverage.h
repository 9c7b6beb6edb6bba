// Who reported on which days of the window.
//
// Threads  pure.
#pragma once

#include <chrono>
#include <optional>
#include <set>

#include "api/readiness/case.h"
#include "api/readiness/verdict.h"

namespace tlsrpt::api {

Coverage CoverageOf(const Case& c);

// The last day of a reporter that wrote daily before it and wrote nothing in the last
// days of the window or since: about the domain itself (`own`), or else about it or one
// of its MX hosts (`anywhere`); all its days up to today.
std::optional<std::chrono::sys_days> FellSilentAfter(
    const std::set<std::chrono::sys_days>& own,
    const std::set<std::chrono::sys_days>& anywhere, const Case& c);

}  // namespace tlsrpt::api
