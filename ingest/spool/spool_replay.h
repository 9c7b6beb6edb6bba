// Done entries processed again, to mend a database that was set back to an older state.
//
// Only the process that holds the spool may change its file: it keeps counts of what is
// in it. So a request is a file beside the spool, PATH-replay, with the time in it
// (microseconds since 1970). The spool looks for it once a second, puts the entries back
// in line a thousand at a time, and deletes the file when all are. A process that dies
// before that finds the request again: entries that are done a second time then go a
// third, which is as harmless as the second.
//
// Errors   kUnavailable: the file cannot be written or read; the message names it.
// Threads  any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace tlsrpt::ingest {

// Where the request for the spool at `path` lies.
std::string ReplayRequestPath(const std::string& path);

// Asks the process that holds the spool for every entry done at `since` or later.
Result<void> RequestReplay(const std::string& path, TimePoint since);

// The request that waits, if any.
Result<std::optional<TimePoint>> ReadReplayRequest(const std::string& path);

// The same without such a process: takes the spool's lock and does it. kUnavailable
// where somebody holds it. Returns how many entries stand in line again.
Result<std::int64_t> ReplayNow(const std::string& path, TimePoint since, TimePoint now);

}  // namespace tlsrpt::ingest
