// The durable queue between intake and everything else: what a client has been told
// is ours is here until PostgreSQL has it.
//
// One SQLite file in WAL mode with synchronous=FULL, and one writer thread that puts
// everything that waits into one transaction, so that many sessions share one fsync.
// It knows nothing of what the bytes mean.
//
//   Put -> (durable) -> Take (attempt recorded first) -> MarkDone | Release
//
// A done entry stays for `keep`, inside the quota, so that a database that was
// restored to an older state can be mended (spool_replay.h); done ones go first when
// room is needed.
//
// Units    sizes are bytes.
// Errors   kUnavailable   quota, disk full or I/O: answer 452/451, try again
//          kTooLarge      an entry larger than the quota itself
//          kMalformed     from Open only: no spool, damaged, or of a newer version
// Threads  every function may be called from any thread. Callbacks run on the writer
//          thread and must not block; one that calls Stop() or Take() would wait for
//          itself.
// Lifetime Stop() returns when what was queued is durable; the destructor calls it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/uuid.h"

namespace tlsrpt::ingest {

// What one accepted submission is on disk.
struct SpoolEntry {
  Uuid receipt_id;  // UUIDv7; it is in the answer to the client
  TimePoint received_at;
  std::string transport;  // "smtp", "lmtp", "https"
  std::string peer;       // "192.0.2.1:25431"
  std::string helo;
  std::string tls;  // "TLSv1.3", or empty for plain text
  std::string envelope_from;
  std::vector<std::string> envelope_to;
  std::string body;
  // It came straight from a network that the settings trusted when it came. Decided at
  // receipt: the entry may be worked through after a restart with other settings.
  bool peer_trusted = false;
};

// An entry in hand.
struct SpoolItem {
  std::int64_t entry_id = 0;
  // How often a process died with this entry in hand. At kMaxCrashes it is not to be
  // parsed again: it goes to quarantine as it is.
  int crashes = 0;
  SpoolEntry entry;
};

// The first is in company, as a rule. From then on the entry is alone, and a process that
// is killed at random, 200 times, met the same innocent one twice in most runs: so the
// third is the entry's own fault. systemd starts a process again that died so often, and
// not one that died six times in ten seconds.
inline constexpr int kMaxCrashes = 4;

struct SpoolOptions {
  std::string path;  // of the SQLite file; its folder exists
  // Used pages and WAL together; one transaction may pass it by its share of the WAL. The
  // SQLite file does not shrink; pages of deleted entries are used again.
  std::uint64_t quota_bytes = std::uint64_t{4} << 30;
  // Refuse before the disk is full for everybody else on it.
  std::uint64_t min_free_disk_bytes = std::uint64_t{256} << 20;
  std::chrono::seconds keep = std::chrono::hours(24);
};

struct SpoolStats {
  // Of the file, from its first day to its last.
  Uuid spool_id;
  std::int64_t depth = 0;  // accepted, not done
  // Of those, released with a not_before, until a Take() finds that it has passed.
  std::int64_t waiting = 0;
  // Of those, to be taken alone: a process died with them in hand.
  std::int64_t suspects = 0;
  std::int64_t done = 0;      // kept for `keep`, not in depth
  std::int64_t replayed = 0;  // put back in line since Open(), see spool_replay.h
  std::optional<TimePoint> oldest_at;  // received_at of the oldest that is not done
  std::uint64_t used_bytes = 0;
  bool accepting = true;
  std::string trouble;  // why the last transaction failed; empty after a good one
};

class Spool {
 public:
  // Opens or creates the file. Entries in hand when the last process died are free
  // again, with one more crash counted; those in hand at an orderly Stop() without. A
  // second spool on the same file, here or in another process, is refused.
  static Result<std::unique_ptr<Spool>> Open(SpoolOptions options, const Clock& clock);
  ~Spool();

  // Queues `entry`; `done` is called exactly once: when it is durable, or with the reason
  // it is not. After Stop() that is at once, on the caller's thread.
  void Put(SpoolEntry entry, std::function<void(Result<void>)> done);

  // Whether an entry of `body_bytes` would be taken now. Cheap, without I/O: an SMTP
  // session asks at MAIL FROM.
  Result<void> HasRoom(std::uint64_t body_bytes) const;

  // Up to `max_count` of the oldest entries whose time has come, `max_bytes` of bodies
  // in all but at least one; empty when there is none. That they are in hand is durable
  // before this returns. An entry that a process died with is given alone: while it is in
  // hand there is nothing else for anybody, and it waits until the others are given back
  // or done. So hold nothing for ever. Empty after Stop().
  Result<std::vector<SpoolItem>> Take(std::size_t max_count, std::size_t max_bytes);

  // Waits until Take() may have something, or `timeout`, or Stop(). True: look.
  bool WaitForWork(std::chrono::milliseconds timeout);

  // The entries are in PostgreSQL. Durable soon, not at once: doing one again is
  // harmless, since the receipt id is known there.
  void MarkDone(std::vector<std::int64_t> entry_ids);

  // Gives entries back, not to be taken before `not_before`.
  void Release(std::vector<std::int64_t> entry_ids, TimePoint not_before);

  SpoolStats Stats() const;

  // Takes no more, finishes what is queued, gives back what is in hand, ends the writer
  // thread.
  void Stop();

 private:
  class Impl;
  explicit Spool(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tlsrpt::ingest
