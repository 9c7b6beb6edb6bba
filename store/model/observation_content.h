// Whether two looks at the live domain found the same.
//
// A domain is looked at again and again, and is mostly as it was. Of the looks of one day
// that found the same, the first and the last say all there is to say; so a store reads
// only those.
//
// Threads  pure.
#pragma once

#include "base/uuid.h"
#include "store/model/observation.h"

namespace tlsrpt::store {

// The same for looks that found the same: their times apart, and what differs from one
// answer to the next though nothing changed: the order of records, what is left of a TTL,
// the words in which a library complains.
Uuid ContentOf(Observation observation);

}  // namespace tlsrpt::store
