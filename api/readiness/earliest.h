// The earliest day on which the verdict could turn ready.
//
// Threads  pure.
#pragma once

#include <vector>

#include "api/readiness/case.h"
#include "api/readiness/verdict.h"

namespace tlsrpt::api {

// Of a domain in testing. Tries each day from today: the evidence that will still be in
// that day's window, and for the days to come the reporters seen in this window, each at
// its average of sessions, without a failure. Empty where no such day comes: reports
// alone cannot settle a criterion, or the reporters seen are too few or too small.
EarliestReady EarliestReadyOf(const Case& c, const std::vector<Criterion>& criteria);

}  // namespace tlsrpt::api
