// Is this domain's window clean enough to enforce, and if not, what stands in the way?
//
// One pure function over what store/queries read. Any blocking `fail` is not_ready;
// else any blocking `unknown` is insufficient_evidence; else ready. A wrong "ready"
// loses mail, so wherever a report can be read two ways, the reading that keeps the
// domain in testing is taken.
//
// Threads  pure; call from any thread.
#pragma once

#include <optional>

#include "api/readiness/settings.h"
#include "api/readiness/verdict.h"
#include "base/clock.h"
#include "store/model/evidence.h"

namespace tlsrpt::api {

// What `evidence` says about the time `now`; no later day counts. The order of the rows
// does not matter. `now` may lie in the past (`--as-of`); `asked_at` is then the time
// of asking, against which heartbeats and late reports are measured. Empty: `now`.
Verdict Decide(const store::Evidence& evidence, const ReadinessSettings& settings,
               TimePoint now, std::optional<TimePoint> asked_at = std::nullopt);

}  // namespace tlsrpt::api
