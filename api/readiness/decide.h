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
// does not matter. `now` may lie in the past (`--as-of`); `asked_at` is then the time of
// asking, against which heartbeats are measured. Empty: `now`. Nothing was received after
// `known_at` that is in `evidence`: how late a missing report is, is measured against the
// earlier of the two. Empty: `asked_at`.
//
// The worst of the answers under AllRulesOf(settings); its sentence says so where those
// that are set would be more lenient.
Verdict Decide(const store::Evidence& evidence, const ReadinessSettings& settings,
               TimePoint now, std::optional<TimePoint> asked_at = std::nullopt,
               std::optional<TimePoint> known_at = std::nullopt);

}  // namespace tlsrpt::api
