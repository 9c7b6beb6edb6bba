// Writes batches on threads of its own, each with its connection, so that PostgreSQL
// works on one batch while the next is read and parsed. At most as many wait as are being
// written: memory stays bounded however large the import.
//
// Errors   the first stops all; what was written before stays written.
// Threads  Submit() and Finish() from one thread; Totals() from any.
// Lifetime the destructor waits for what is being written.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/result.h"
#include "store/model/receipt.h"
#include "store/writer/writer.h"

namespace tlsrpt::ingest {

// How many reasons a summary names.
inline constexpr std::size_t kMaxReasons = 10;
// An origin, and a sentence that says why.
using Reason = std::pair<std::string, std::string>;

struct WrittenTotals {
  store::WriteCounts counts;
  std::size_t ordinary = 0;         // mails without a report in them
  std::vector<Reason> quarantined;  // the first
};

class BatchWriters {
 public:
  using MakeWriter = std::function<std::unique_ptr<store::Writer>()>;

  BatchWriters(std::size_t jobs, const MakeWriter& make_writer);
  ~BatchWriters();
  BatchWriters(const BatchWriters&) = delete;
  BatchWriters& operator=(const BatchWriters&) = delete;

  // Waits for room. Nothing is written any more once Failed().
  void Submit(std::vector<store::ReceiptRecord> batch);
  bool Failed() const;

  // Waits until all is written; the error, if one stopped it. Takes no more.
  std::optional<Error> Finish();

  WrittenTotals Totals() const;

 private:
  void Work(store::Writer& writer);
  void Write(store::Writer& writer, std::vector<store::ReceiptRecord> batch);
  // With mutex_ held. The first error is the one that is told.
  void Fail(Error error);

  mutable std::mutex mutex_;
  std::condition_variable room_;
  std::condition_variable work_;
  std::deque<std::vector<store::ReceiptRecord>> waiting_;
  bool finishing_ = false;
  std::optional<Error> failed_;
  WrittenTotals totals_;

  std::vector<std::thread> threads_;  // last: they use all of the above
};

}  // namespace tlsrpt::ingest
