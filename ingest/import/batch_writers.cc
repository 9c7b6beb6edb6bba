#include "ingest/import/batch_writers.h"

#include <signal.h>

#include <algorithm>
#include <exception>

#include "ingest/flow/store_batch.h"

namespace tlsrpt::ingest {

BatchWriters::BatchWriters(std::size_t jobs, const MakeWriter& make_writer) {
  // Signals are for the thread that reads: it may be waiting for a pipe.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  for (std::size_t i = 0; i < std::max<std::size_t>(jobs, 1); ++i) {
    threads_.emplace_back(
        [this, writer = std::shared_ptr(make_writer())] { Work(*writer); });
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

BatchWriters::~BatchWriters() { Finish(); }

void BatchWriters::Submit(std::vector<store::ReceiptRecord> batch) {
  std::unique_lock lock(mutex_);
  room_.wait(lock, [this] { return waiting_.size() < threads_.size() || failed_; });
  if (failed_) return;
  waiting_.push_back(std::move(batch));
  work_.notify_one();
}

bool BatchWriters::Failed() const {
  const std::lock_guard lock(mutex_);
  return failed_.has_value();
}

std::optional<Error> BatchWriters::Finish() {
  {
    const std::lock_guard lock(mutex_);
    finishing_ = true;
  }
  work_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
  return failed_;
}

WrittenTotals BatchWriters::Totals() const {
  const std::lock_guard lock(mutex_);
  return totals_;
}

void BatchWriters::Work(store::Writer& writer) {
  for (;;) {
    std::vector<store::ReceiptRecord> batch;
    {
      std::unique_lock lock(mutex_);
      work_.wait(lock, [this] { return !waiting_.empty() || finishing_ || failed_; });
      if (failed_ || waiting_.empty()) return;
      batch = std::move(waiting_.front());
      waiting_.pop_front();
    }
    room_.notify_one();
    try {
      Write(writer, std::move(batch));
    } catch (const std::exception& e) {
      const std::lock_guard lock(mutex_);
      Fail(Error{ErrorKind::kInternal, e.what()});
    }
  }
}

void BatchWriters::Fail(Error error) {
  if (!failed_) failed_ = std::move(error);
  room_.notify_all();
  work_.notify_all();
}

void BatchWriters::Write(store::Writer& writer, std::vector<store::ReceiptRecord> batch) {
  const auto stored = StoreBatch(writer, batch);
  const std::lock_guard lock(mutex_);
  if (!stored) return Fail(stored.error());
  if (!stored->no_partition.empty()) {
    Fail({ErrorKind::kInternal, "a month has no partition; `tlsrptd migrate` makes it"});
  } else if (!stored->not_held.empty()) {
    Fail({ErrorKind::kInternal, stored->not_held.front().message});
  }
  totals_.counts += stored->counts;
  const auto name = [&](const store::Receipt& receipt) {
    if (totals_.quarantined.size() == kMaxReasons) return;
    totals_.quarantined.emplace_back(receipt.peer, receipt.reason_detail);
  };
  for (const store::ReceiptRecord& record : batch) {
    const store::Receipt& receipt = record.receipt;
    if (receipt.ordinary) ++totals_.ordinary;
    // It is in quarantine, whichever receipt holds it there.
    if (!receipt.same_bytes_as || receipt.reason.empty()) continue;
    totals_.counts.reports_duplicate -= receipt.report_count;
    totals_.counts.reports_quarantined += receipt.report_count;
    name(receipt);
  }
  for (const store::Receipt* receipt : stored->quarantined) name(*receipt);
}

}  // namespace tlsrpt::ingest
