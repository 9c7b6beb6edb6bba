// Evidence as it was: what was known by a time, and a fingerprint of it all for the log
// of state changes.
//
// Threads  pure functions.
#pragma once

#include "base/clock.h"
#include "base/uuid.h"
#include "store/model/evidence.h"

namespace tlsrpt::store {

// Only what had been received, observed, waived and muted by `time`; what was withdrawn
// later stands again. The state of intake is not kept for the past and stays as it is.
Evidence KnownAt(Evidence evidence, TimePoint time);

// The same for the same evidence, whatever order it came in. Of the state of intake only
// the quarantine is in it: heartbeats change all the time and prove nothing later.
Uuid EvidenceDigest(const Evidence& evidence);

}  // namespace tlsrpt::store
