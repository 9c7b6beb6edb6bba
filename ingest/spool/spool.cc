#include "ingest/spool/spool.h"

#include "ingest/spool/spool_impl.h"

namespace tlsrpt::ingest {
namespace {

// An entry that could not be read back is not tried again at once.
constexpr std::chrono::minutes kUnreadableDelay{1};
// Stats() says "accepting" while a mail of this size would be taken; most are 3 KB.
constexpr std::uint64_t kAcceptingBytes = 64 << 10;
// SQLite's own limit is 10^9 bytes a row.
constexpr std::uint64_t kMaxEntryBytes = 900'000'000;

}  // namespace

void Spool::Impl::Put(SpoolEntry entry, Done done) {
  const std::uint64_t bytes = ContentBytes(entry);
  const std::uint64_t most = std::min(kMaxEntryBytes, room_.quota_bytes());
  if (bytes > most) {
    done(Error{ErrorKind::kTooLarge, std::to_string(bytes) + " bytes; the spool takes " +
                                         std::to_string(most) + " in one entry"});
    return;
  }
  bool taken = false;
  bool wanted = false;  // told without the lock, which the writer would wait for at once
  {
    const std::lock_guard lock(mutex_);
    taken = !stopping_;
    if (taken) {
      room_.AddQueued(bytes);
      puts_.push_back({std::move(entry), bytes, std::move(done), {}});
      wanted = puts_.size() >= puts_wanted_;
    }
  }
  if (wanted) for_writer_.notify_one();
  if (taken) return;
  done(Error{ErrorKind::kUnavailable, "the spool is stopping"});
}

Result<std::vector<SpoolItem>> Spool::Impl::Take(std::size_t max_count,
                                                 std::size_t max_bytes) {
  const auto job = std::make_shared<TakeJob>();
  job->max_count = max_count;
  job->max_bytes = max_bytes;
  {
    const std::lock_guard lock(mutex_);
    // Nothing to be had: not worth a transaction.
    if (stopping_ || !counts_.MayTake(clock_.Now())) return std::vector<SpoolItem>();
    takes_.push_back(job);
  }
  for_writer_.notify_one();
  Result<Taken> taken = job->promise.get_future().get();
  if (!taken) return taken.error();
  if (taken->runs.empty()) return std::vector<SpoolItem>();

  std::vector<std::int64_t> unread;  // those in hand that the caller has not got
  for (const SpoolFile::Taken& run : taken->runs) {
    for (auto id = run.first_id; id <= run.last_id; ++id) unread.push_back(id);
  }
  const auto give_back = [&] {
    Return(std::move(unread), clock_.Now() + kUnreadableDelay);
  };
  try {
    std::vector<SpoolItem> items;
    items.reserve(unread.size());
    const std::optional<Error> error = ReadAll(*std::move(taken), items);
    std::erase_if(unread, [&](std::int64_t entry_id) {
      return std::ranges::binary_search(items, entry_id, {}, &SpoolItem::entry_id);
    });
    // One that cannot be read must not keep the others.
    give_back();
    if (items.empty()) return *error;
    return items;
  } catch (...) {
    give_back();
    throw;
  }
}

// Appends those that can be had, in their order; the error of the last that cannot.
std::optional<Error> Spool::Impl::ReadAll(Taken taken, std::vector<SpoolItem>& items) {
  std::optional<Error> error;
  std::unique_lock lock(reader_mutex_, std::defer_lock);
  std::optional<SpoolReader::Snapshot> snapshot;
  const auto read = [&](std::int64_t first_id, std::int64_t last_id, int crashes) {
    if (first_id > last_id) return;
    if (!lock.owns_lock()) {
      lock.lock();
      snapshot.emplace(reader_);
    }
    reader_.Read(first_id, last_id, [&](std::int64_t entry_id, Result<SpoolEntry> entry) {
      if (entry) {
        items.push_back({entry_id, crashes, std::move(*entry)});
      } else {
        error = std::move(entry).error();
      }
    });
  };
  auto recent = taken.recent.begin();
  for (const SpoolFile::Taken& run : taken.runs) {
    auto next = run.first_id;
    for (; recent != taken.recent.end() && recent->entry_id <= run.last_id; ++recent) {
      read(next, recent->entry_id - 1, run.crashes);
      next = recent->entry_id + 1;
      items.push_back(std::move(*recent));
    }
    read(next, run.last_id, run.crashes);
  }
  return error;
}

bool Spool::Impl::WaitForWork(std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const TimePoint now = clock_.Now();
    if (counts_.MayTake(now)) return true;
    if (std::chrono::steady_clock::now() >= deadline) return false;
    auto until = deadline;
    if (counts_.next_due && *counts_.next_due > now) {
      until =
          std::min(until, std::chrono::steady_clock::now() + (*counts_.next_due - now));
    }
    for_takers_.wait_until(lock, until);
  }
  return false;
}

void Spool::Impl::Return(std::vector<std::int64_t> entry_ids,
                         std::optional<TimePoint> not_before) {
  if (entry_ids.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    // After Stop() all in hand has been given back; doing it again is harmless.
    if (stopping_) return;
    returns_.push_back({std::move(entry_ids), not_before});
    returns_failed_ = false;
  }
  for_writer_.notify_one();
}

SpoolStats Spool::Impl::Stats() const {
  SpoolStats stats;
  {
    const std::lock_guard lock(mutex_);
    stats.depth = counts_.depth();
    stats.waiting = counts_.waiting;
    stats.suspects = counts_.suspects;
    stats.done = counts_.done;
    stats.replayed = replayed_;
    stats.oldest_at = counts_.oldest_at;
    stats.trouble = trouble_;
    stats.accepting = !stopping_;
  }
  stats.spool_id = file_->spool_id();
  stats.used_bytes = room_.used_bytes();
  stats.accepting = stats.accepting && HasRoom(kAcceptingBytes).has_value();
  return stats;
}

void Spool::Impl::Stop() {
  const std::lock_guard join(join_mutex_);
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  for_writer_.notify_all();
  for_takers_.notify_all();
  if (writer_.joinable()) writer_.join();
}

Result<std::unique_ptr<Spool>> Spool::Open(SpoolOptions options, const Clock& clock) {
  Result<std::unique_ptr<SpoolFile>> file = SpoolFile::Open(options.path);
  if (!file) return file.error();
  Result<std::unique_ptr<WalCopier>> copier = WalCopier::Open(options.path);
  if (!copier) return copier.error();
  Result<SpoolReader> reader = SpoolReader::Open(options.path);
  if (!reader) return reader.error();
  auto impl = std::make_unique<Impl>(std::move(options), clock, std::move(*file),
                                     std::move(*copier), std::move(*reader));
  if (const Result<void> started = impl->Start(); !started) return started.error();
  return std::unique_ptr<Spool>(new Spool(std::move(impl)));
}

Spool::Spool(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Spool::~Spool() = default;

void Spool::Put(SpoolEntry entry, std::function<void(Result<void>)> done) {
  impl_->Put(std::move(entry), std::move(done));
}
Result<void> Spool::HasRoom(std::uint64_t body_bytes) const {
  return impl_->HasRoom(body_bytes);
}
Result<std::vector<SpoolItem>> Spool::Take(std::size_t max_count, std::size_t max_bytes) {
  return impl_->Take(max_count, max_bytes);
}
bool Spool::WaitForWork(std::chrono::milliseconds timeout) {
  return impl_->WaitForWork(timeout);
}
void Spool::MarkDone(std::vector<std::int64_t> entry_ids) {
  impl_->Return(std::move(entry_ids), std::nullopt);
}
void Spool::Release(std::vector<std::int64_t> entry_ids, TimePoint not_before) {
  impl_->Return(std::move(entry_ids), not_before);
}
SpoolStats Spool::Stats() const { return impl_->Stats(); }
void Spool::Stop() { impl_->Stop(); }

}  // namespace tlsrpt::ingest
