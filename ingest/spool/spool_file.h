// The spool's SQLite file: what one transaction may do with it. The format is described
// in README.md.
//
// Spool decides when there is a transaction and who is told; this class knows the
// statements, and keeps the counts that would otherwise be queries. A rollback puts the
// counts back as well.
//
// Units    sizes are bytes.
// Errors   those of sqlite.h; after any of them the transaction is to be rolled back.
// Threads  one.
// Lifetime holds a lock on PATH-lock until it ends: an entry in hand is known to be
//          free again only because nobody else can have it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "ingest/spool/file_lock.h"
#include "ingest/spool/spool.h"
#include "ingest/spool/spool_schema.h"
#include "ingest/spool/sqlite.h"

namespace tlsrpt::ingest {

struct SpoolCounts {
  std::int64_t ready = 0;
  std::int64_t suspects = 0;  // ready, and a process died with them in hand
  std::int64_t waiting = 0;   // for their not_before
  std::int64_t in_hand = 0;
  std::int64_t done = 0;
  std::uint64_t done_bytes = 0;  // of content, what could be given up for room
  // Given alone, and nothing else while it is in hand.
  std::optional<std::int64_t> suspect_in_hand;
  // Suspects and the others take turns, so that neither starves.
  bool suspects_turn = false;
  std::optional<TimePoint> oldest_at;  // of the oldest that is not done
  std::optional<TimePoint> next_due;   // the first not_before
  std::optional<TimePoint> oldest_done_at;

  std::int64_t depth() const { return ready + suspects + waiting + in_hand; }
  bool SuspectIsNext() const { return suspects > 0 && (suspects_turn || ready == 0); }
  // Whether Take() may find something at `now`.
  bool MayTake(TimePoint now) const;
};

// What an entry without its body takes on disk, about: the lengths of its fields, and its
// share of what is unused in the last page of a pack.
inline constexpr std::uint64_t kEntryOverheadBytes = 256;

// What `entry` takes on disk, about.
std::uint64_t ContentBytes(const SpoolEntry& entry);

class SpoolFile {
 public:
  // Opens or creates the file; what was in hand becomes free, one crash more.
  // kMalformed for a file that is no spool or of a newer version.
  static Result<std::unique_ptr<SpoolFile>> Open(const std::string& path);

  Result<void> Begin();
  Result<void> Commit();
  void Rollback();

  // All of these inside a transaction.
  Result<std::int64_t> Insert(const SpoolEntry& entry);  // its id
  // Entries that come one after another, as they were taken.
  struct Taken {
    std::int64_t first_id = 0;
    std::int64_t last_id = 0;
    int crashes = 0;
  };
  // At most one entry more than `max_bytes` allows where packs hold entries of unlike
  // size: a pack's bytes are shared out evenly.
  Result<std::vector<Taken>> Take(TimePoint now, std::size_t max_count,
                                  std::size_t max_bytes);
  Result<void> MarkDone(std::span<const std::int64_t> entry_ids, TimePoint now);
  Result<void> Release(std::span<const std::int64_t> entry_ids, TimePoint not_before,
                       TimePoint now);
  // Takes every entry in hand back, without a crash: for an orderly end.
  Result<void> ReleaseAll();
  // Deletes `max_count` of the longest done, or a few more, since a pack goes as a
  // whole; those done at `done_by` or before. Returns how many.
  Result<std::size_t> DropDone(std::size_t max_count, TimePoint done_by);

  // A replay, from one transaction to the next.
  struct Replay {
    TimePoint since;   // done at this time or later,
    TimePoint before;  // and before the replay began: what it brings back is done again
    std::int64_t after_ix = 0;
    bool finished = false;
  };
  // Puts done entries back in line, `max_count` of them or a few more; returns how many.
  Result<std::size_t> ReplayDone(Replay& replay, std::size_t max_count);

  // Pages that hold something; the WAL is not in it.
  Result<std::uint64_t> UsedPageBytes();
  // Size of the WAL file.
  std::uint64_t WalBytes() const { return wal_bytes_; }
  // Bytes in the WAL since it was last begun anew.
  std::uint64_t WalPendingBytes() const { return wal_pages_ * page_bytes_; }
  // Copies the WAL into the file, as far as no reader is in the way.
  Result<void> Checkpoint();

  const SpoolCounts& counts() const { return memory_.counts; }
  const Uuid& spool_id() const { return spool_id_; }
  const std::string& path() const { return db_.path(); }

 private:
  // A row of `queue`.
  struct Run {
    std::int64_t first_id = 0;
    std::int64_t last_id = 0;
    Lane lane = Lane::kReady;
    std::int64_t crashes = 0;
    std::int64_t not_before = 0;
    std::int64_t content_bytes = 0;

    std::int64_t count() const { return last_id - first_id + 1; }
  };
  // What a transaction changes outside of the file: it goes back with a rollback.
  struct Memory {
    SpoolCounts counts;
    std::int64_t next_id = 1;
    // The largest id ever taken. Those after it are ready, and in no row of `queue`.
    std::int64_t taken_to = 0;
  };

  SpoolFile(FileLock lock, Database db) : lock_(std::move(lock)), db_(std::move(db)) {}
  Result<void> CheckVersion();
  Result<void> Configure();
  Result<void> Upgrade(const std::string& version);
  Result<void> PrepareAll();
  Result<void> Recover();
  Result<void> ReadIdentity();
  Result<void> FlushPack();
  Result<void> Promote(TimePoint now);
  static Run RunOf(const Statement& row);
  Result<void> SelectRuns(Statement& statement, std::vector<Run>& runs,
                          std::int64_t parameter, std::int64_t limit);
  Result<Run> TakeFrom(const Run& run, std::int64_t max_count, std::uint64_t max_bytes,
                       bool at_least_one);
  Result<void> InsertRun(const Run& run);
  Result<Run> CutOut(const Run& run, std::int64_t first_id, std::int64_t last_id);
  Result<std::vector<Run>> CutOutInHand(std::int64_t first_id, std::int64_t last_id);
  Result<void> ReleaseRange(std::int64_t first_id, std::int64_t last_id,
                            std::int64_t wait_until);
  Result<void> DropIfUnused(std::int64_t first_id, std::int64_t last_id);
  std::int64_t& CountOf(Lane lane);
  Result<void> ReadAges();
  void MeasureWal();
  void NoteWal(std::uint64_t pages);

  FileLock lock_;  // before db_: it is let go last
  Database db_;
  std::uint64_t page_bytes_ = 0;
  std::uint64_t wal_pages_ = 0;  // 0 from a checkpoint to the next COMMIT
  std::uint64_t wal_bytes_ = 0;
  Uuid spool_id_;
  Memory memory_;
  Memory at_begin_;
  // Entries of this transaction that are not in the file yet.
  std::string pack_;
  Run in_pack_;
  TimePoint pack_received_at_;
  Statement begin_, commit_, page_count_, free_count_;
  Statement insert_pack_, packs_of_, delete_pack_;
  Statement insert_run_, delete_run_, select_free_, select_suspect_, select_due_;
  Statement select_back_, set_lane_;
  Statement set_taken_, insert_done_, first_done_, shrink_done_, delete_done_;
  Statement queue_holds_, done_holds_, oldest_, received_, next_due_, oldest_done_;
};

}  // namespace tlsrpt::ingest
