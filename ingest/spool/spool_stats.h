// What is in the spool of another process: for `tlsrptd status`, which runs beside the
// daemon and must not wait for its heartbeat.
//
// Errors   kUnavailable: the file is there and cannot be read; the message names it.
// Threads  any; opens the file read-only for the call.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "ingest/spool/spool.h"

namespace tlsrpt::ingest {

// Depth, waiting and age of the spool at `path`; nothing where no such file is.
Result<std::optional<SpoolStats>> ReadSpoolStats(const std::string& path);

}  // namespace tlsrpt::ingest
