// Where a server puts what it has received: Spool::Put, or what a test hands in.
#pragma once

#include <functional>

#include "base/result.h"
#include "ingest/spool/spool.h"

namespace tlsrpt::ingest {

// Makes the entry durable and then calls the function, once and on any thread.
using EntrySink = std::function<void(SpoolEntry, std::function<void(Result<void>)>)>;

}  // namespace tlsrpt::ingest
