// What waits in the spool of another process, entry by entry, and what is kept though it
// is done: for `tlsrptd spool list`, which runs beside the daemon.
//
// Errors   kUnavailable: the file is there and cannot be read; the message names it.
// Threads  any; opens the file read-only for the call.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/uuid.h"

namespace tlsrpt::ingest {

struct SpoolListEntry {
  std::int64_t entry_id = 0;
  Uuid receipt_id;
  TimePoint received_at;
  std::string state;  // "ready", "suspect", "waiting", "in hand"; "done" in DoneSince
  std::int64_t crashes = 0;             // processes that died with it in hand
  std::optional<TimePoint> not_before;  // of one that waits
  std::uint64_t bytes = 0;
  std::string peer;
  std::string envelope_from;
};

// Entries that are not done, the oldest first, at most `limit` of them.
Result<std::vector<SpoolListEntry>> ListSpool(const std::string& path,
                                              std::int64_t limit);

// How many done entries are still there, and how many of them were done at `since` or
// later: what a replay would find.
struct DoneEntries {
  std::int64_t kept = 0;
  std::int64_t since = 0;
  std::optional<TimePoint> oldest_at;  // when the longest done was
};
Result<DoneEntries> CountDone(const std::string& path, TimePoint since);

}  // namespace tlsrpt::ingest
