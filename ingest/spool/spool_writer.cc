// The writer thread of the spool: one transaction after another.
#include <exception>
#include <iterator>

#include "base/crash_point.h"
#include "base/thread.h"
#include "ingest/spool/spool_impl.h"

namespace tlsrpt::ingest {
namespace {

// One transaction takes this much: what a disk writes in well under a second, and what
// may be lost to one failed COMMIT and sent again.
constexpr std::size_t kMaxPutsAtOnce = 1000;
constexpr std::uint64_t kMaxBytesAtOnce = 16 << 20;
// A WAL this many times larger shows that readers are always in the way; then they wait
// for one checkpoint.
constexpr std::uint64_t kCheckpointByForce = 8;
// Expired entries deleted in one transaction: more than come in, so that it catches up.
constexpr std::size_t kDropAtOnce = 2 * kMaxPutsAtOnce;
// Done entries deleted at a time until there is room.
constexpr std::size_t kDropForRoom = 32;
// How often an idle writer looks at the disk, at expired entries, and tries again what
// failed.
constexpr std::chrono::seconds kTick{1};
// Takes and returns wait this long for a put to share a transaction with: nobody stands
// at the other end of them, and a transaction of their own would be one more fsync that
// the next puts have to wait for.
constexpr std::chrono::milliseconds kLinger{2};
// A put waits at most this long for as many as came the last time: those who were
// answered together mostly come again together, and the fsync that follows costs as much
// CPU as several entries and takes longer than this.
constexpr std::chrono::microseconds kGather{500};

}  // namespace

void Spool::Impl::WriterMain() {
  NameThread("spool");
  AskForShortSlices();
  for (bool last = false; !last;) {
    Batch batch = NextBatch();
    last = batch.last;
    Write(batch);
    CheckpointIfDue();
    if (!last) ReplayIfAsked();
    room_.MeasureDisk();
  }
}

// Waits until there is something to do: a job, a tick, or the end.
Spool::Impl::Batch Spool::Impl::NextBatch() {
  Batch batch;
  std::unique_lock lock(mutex_);
  // What waits now came while the last one was written: it belongs to the same round.
  const std::size_t company = puts_.size() + puts_written_;
  for_writer_.wait_for(lock, kTick, [this] {
    return stopping_ || !puts_.empty() || !takes_.empty() ||
           (!returns_.empty() && !returns_failed_);
  });
  for_writer_.wait_for(lock, kLinger, [this] {
    return stopping_ || !puts_.empty() || (takes_.empty() && returns_.empty());
  });
  if (!puts_.empty() && !stopping_) {
    puts_wanted_ = std::min(company, kMaxPutsAtOnce);
    for_writer_.wait_for(lock, kGather,
                         [this] { return stopping_ || puts_.size() >= puts_wanted_; });
    puts_wanted_ = 1;
  }
  std::uint64_t bytes = 0;
  while (!puts_.empty() && batch.puts.size() < kMaxPutsAtOnce &&
         bytes < kMaxBytesAtOnce) {
    bytes += puts_.front().bytes;
    batch.puts.push_back(std::move(puts_.front()));
    puts_.pop_front();
  }
  puts_written_ = batch.puts.size();
  batch.takes.swap(takes_);
  batch.returns.swap(returns_);
  batch.last = stopping_ && puts_.empty();
  return batch;
}

// Those who wait are told of a failure at once; what came back is tried once more by
// itself, since it makes room, and then kept for later.
void Spool::Impl::Write(Batch& batch) {
  const SpoolCounts& counts = file_->counts();
  const bool expired =
      counts.oldest_done_at && *counts.oldest_done_at <= clock_.Now() - keep_;
  if (!batch.HasAnswers() && batch.returns.empty() && !expired && !batch.last) return;

  Result<void> written = Commit(batch, true);
  if (written && !batch.puts.empty()) CrashPoint("spool.put");
  if (written && !batch.takes.empty()) CrashPoint("spool.taken");
  if (written && !batch.returns.empty()) CrashPoint("spool.returned");
  Answer(batch, written);
  if (!written && batch.HasAnswers() && !batch.returns.empty()) {
    written = Commit(batch, false);
  }

  const std::lock_guard lock(mutex_);
  counts_ = file_->counts();
  for_takers_.notify_all();
  if (written) return;
  returns_failed_ = returns_.empty();
  returns_.insert(returns_.end(), std::make_move_iterator(batch.returns.begin()),
                  std::make_move_iterator(batch.returns.end()));
}

// One transaction, all of it or nothing.
Result<void> Spool::Impl::Commit(Batch& batch, bool with_answers) {
  Result<void> written;
  Result<std::uint64_t> pages = std::uint64_t{0};
  try {
    written = file_->Begin();
    if (written) written = Apply(batch, with_answers);
    // Here it costs no lock of its own.
    if (written) pages = file_->UsedPageBytes();
    if (written) written = file_->Commit();
  } catch (const std::exception& e) {
    written = Error{ErrorKind::kInternal, std::string("spool writer: ") + e.what()};
  }
  if (!written) {
    file_->Rollback();
  } else if (pages) {  // else as it was
    SetUsed(*pages);
  }
  return written;
}

Result<void> Spool::Impl::Apply(Batch& batch, bool with_answers) {
  const TimePoint now = clock_.Now();
  for (const ReturnJob& job : batch.returns) {
    const Result<void> done = job.not_before
                                  ? file_->Release(job.entry_ids, *job.not_before, now)
                                  : file_->MarkDone(job.entry_ids, now);
    if (!done) return done;
  }
  if (const auto dropped = file_->DropDone(kDropAtOnce, now - keep_); !dropped) {
    return dropped.error();
  }
  if (with_answers) {
    if (const Result<void> done = PutAll(batch.puts); !done) return done;
    for (const auto& take : batch.takes) {
      if (batch.last) continue;
      auto runs = file_->Take(now, take->max_count, take->max_bytes);
      if (!runs) return runs.error();
      take->taken.runs = *std::move(runs);
    }
  }
  if (batch.last) return file_->ReleaseAll();
  return {};
}

// An entry without room is refused by itself; any other failure is everybody's.
Result<void> Spool::Impl::PutAll(std::vector<PutJob>& puts) {
  const std::uint64_t wal_bytes = file_->WalBytes();
  std::uint64_t used = room_.used_bytes();  // after the last COMMIT
  std::uint64_t added = 0;
  for (PutJob& put : puts) {
    put.outcome = room_.FitsDisk(added + put.bytes);
    if (!put.outcome) continue;
    while (used + put.bytes > room_.quota_bytes()) {
      // Deleted entries free whole pages or nothing, so what they gave is measured.
      const auto dropped = file_->DropDone(kDropForRoom, TimePoint::max());
      if (!dropped) return dropped.error();
      const auto pages = file_->UsedPageBytes();
      if (!pages) return pages.error();
      used = *pages + wal_bytes;
      if (*dropped == 0) break;
    }
    if (used + put.bytes > room_.quota_bytes()) {
      put.outcome = room_.QuotaError();
      continue;
    }
    const Result<std::int64_t> entry_id = file_->Insert(put.entry);
    if (!entry_id) return entry_id.error();
    put.entry_id = *entry_id;
    used += put.bytes;
    added += put.bytes;
  }
  return {};
}

Result<void> Spool::Impl::Measure() {
  const auto pages = file_->UsedPageBytes();
  if (!pages) return pages.error();
  SetUsed(*pages);
  return {};
}

void Spool::Impl::SetUsed(std::uint64_t page_bytes) {
  room_.SetUsed(page_bytes + file_->WalBytes(), file_->counts().done_bytes);
}

void Spool::Impl::Answer(Batch& batch, const Result<void>& written) {
  {
    // Whoever is told may ask at once: the counts are there first.
    const std::lock_guard lock(mutex_);
    counts_ = file_->counts();
    trouble_ = written ? std::string() : written.error().message;
  }
  for (PutJob& put : batch.puts) {
    room_.RemoveQueued(put.bytes);
    try {
      put.done(written ? put.outcome : written);
    } catch (const std::exception&) {
      // Its owner's fault; the others are still to be told.
    }
  }
  // After everybody was told, and before the takes, which may be of these very entries.
  for (PutJob& put : batch.puts) {
    if (!written || !put.outcome) continue;
    recent_.Add(put.entry_id, put.bytes, std::move(put.entry));
  }
  for (const auto& take : batch.takes) {
    if (!written) {
      take->promise.set_value(written.error());
      continue;
    }
    take->taken.recent = recent_.Take(take->taken.runs);
    take->promise.set_value(std::move(take->taken));
  }
}

// Most of it is copied beside the writer; the rest between two transactions and after
// everybody was told, so that the only cost is to those who come meanwhile.
void Spool::Impl::CheckpointIfDue() {
  const std::uint64_t pending = file_->WalPendingBytes();
  if (pending < checkpoint_bytes_) {
    most_is_copied_ = false;
    return;
  }
  if (copier_->IsCopying()) return;
  if (!most_is_copied_) {
    most_is_copied_ = true;
    copier_->Begin();
    return;
  }
  most_is_copied_ = false;
  std::unique_lock lock(reader_mutex_, std::defer_lock);
  if (pending >= kCheckpointByForce * checkpoint_bytes_) lock.lock();
  CrashPoint("spool.before_checkpoint");
  const Result<void> done = file_->Checkpoint();
  CrashPoint("spool.after_checkpoint");
  if (done) return;
  const std::lock_guard trouble(mutex_);
  trouble_ = done.error().message;
}

}  // namespace tlsrpt::ingest
