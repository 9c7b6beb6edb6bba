// The inside of Spool: what callers queue, and the thread that writes it. Private to
// this room; spool.cc is the callers' side, spool_writer.cc the writer's.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "ingest/spool/recent_entries.h"
#include "ingest/spool/room.h"
#include "ingest/spool/spool_file.h"
#include "ingest/spool/spool_reader.h"
#include "ingest/spool/wal_copier.h"

namespace tlsrpt::ingest {

// The WAL is copied into the file when it has grown to this (1000 pages; SQLite's own
// habit), or to a sixteenth of a small quota, of which it is a part.
inline constexpr std::uint64_t kCheckpointBytes = 8000 << 10;

// How often the writer looks for a request to replay.
inline constexpr std::chrono::seconds kReplayLook{1};

class Spool::Impl {
 public:
  using Done = std::function<void(Result<void>)>;
  struct Taken {
    std::vector<SpoolFile::Taken> runs;
    std::vector<SpoolItem> recent;  // those that need not be read
  };

  Impl(SpoolOptions options, const Clock& clock, std::unique_ptr<SpoolFile> file,
       std::unique_ptr<WalCopier> copier, SpoolReader reader)
      : clock_(clock),
        keep_(options.keep),
        checkpoint_bytes_(std::min(kCheckpointBytes, options.quota_bytes / 16)),
        room_(options.path, options.quota_bytes, options.min_free_disk_bytes),
        file_(std::move(file)),
        copier_(std::move(copier)),
        reader_(std::move(reader)) {}
  ~Impl() { Stop(); }

  Result<void> Start() {
    if (auto measured = Measure(); !measured) return measured;
    counts_ = file_->counts();
    room_.MeasureDisk();
    writer_ = std::thread([this] { WriterMain(); });
    return {};
  }

  void Put(SpoolEntry entry, Done done);
  Result<void> HasRoom(std::uint64_t body_bytes) const {
    return room_.HasRoom(body_bytes + kEntryOverheadBytes);
  }
  Result<std::vector<SpoolItem>> Take(std::size_t max_count, std::size_t max_bytes);
  bool WaitForWork(std::chrono::milliseconds timeout);
  void Return(std::vector<std::int64_t> entry_ids, std::optional<TimePoint> not_before);
  SpoolStats Stats() const;
  void Stop();

 private:
  struct PutJob {
    SpoolEntry entry;
    std::uint64_t bytes;
    Done done;
    Result<void> outcome;
    std::int64_t entry_id = 0;  // where the outcome is good
  };
  struct TakeJob {
    std::size_t max_count = 0;
    std::size_t max_bytes = 0;
    Taken taken;
    std::promise<Result<Taken>> promise;
  };
  // Entries that come back: done, or released where there is a not_before.
  struct ReturnJob {
    std::vector<std::int64_t> entry_ids;
    std::optional<TimePoint> not_before;
  };
  struct Batch {
    std::vector<PutJob> puts;
    std::vector<std::shared_ptr<TakeJob>> takes;
    std::vector<ReturnJob> returns;
    bool last = false;

    bool HasAnswers() const { return !puts.empty() || !takes.empty(); }
  };

  void WriterMain();
  Batch NextBatch();
  void Write(Batch& batch);
  Result<void> Commit(Batch& batch, bool with_answers);
  Result<void> Apply(Batch& batch, bool with_answers);
  Result<void> PutAll(std::vector<PutJob>& puts);
  std::optional<Error> ReadAll(Taken taken, std::vector<SpoolItem>& items);
  Result<void> Measure();
  void SetUsed(std::uint64_t page_bytes);
  void Answer(Batch& batch, const Result<void>& written);
  void CheckpointIfDue();
  void ReplayIfAsked();

  const Clock& clock_;
  const std::chrono::seconds keep_;
  const std::uint64_t checkpoint_bytes_;
  Room room_;

  std::unique_ptr<SpoolFile> file_;          // the writer's, once it runs
  std::unique_ptr<WalCopier> copier_;        // the writer's
  RecentEntries recent_;                     // the writer's
  bool most_is_copied_ = false;              // the writer's: what is left is its own
  std::optional<SpoolFile::Replay> replay_;  // the writer's: one that is under way
  TimePoint replay_looked_at_;               // the writer's
  std::mutex reader_mutex_;
  SpoolReader reader_;

  mutable std::mutex mutex_;
  std::condition_variable for_writer_;
  std::condition_variable for_takers_;
  std::deque<PutJob> puts_;
  std::size_t puts_wanted_ = 1;   // before they are worth waking the writer
  std::size_t puts_written_ = 0;  // the writer's: in the last transaction
  std::vector<std::shared_ptr<TakeJob>> takes_;
  std::vector<ReturnJob> returns_;
  bool returns_failed_ = false;  // they wait for the next tick, or company
  bool stopping_ = false;
  SpoolCounts counts_;  // as of the last COMMIT
  std::int64_t replayed_ = 0;
  std::string trouble_;

  std::mutex join_mutex_;
  std::thread writer_;
};

}  // namespace tlsrpt::ingest
