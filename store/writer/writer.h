// Batches in: the one door through which receipts and reports enter PostgreSQL.
//
// A batch is one transaction: reports (what is known already is left alone), rollup
// deltas for the rows that were new, receipts with what became of them, and the node's
// counters. A receipt that is there already was written by an earlier try of the same
// batch, and counts nothing again (DESIGN 5, "Once in effect").
//
// Errors   kUnavailable  the database is away, or went away during COMMIT: write the same
//                        batch again; the receipt ids make that harmless
//          kInternal     our SQL, or the database's set-up, is wrong: the same, later
// Threads  one Writer per thread; any number of them at once, on any number of nodes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "store/model/receipt.h"
#include "store/pg/connection.h"
#include "store/writer/batch.h"

namespace tlsrpt::store {

// A record that PostgreSQL refuses for what it holds, when alone in its transaction.
struct RefusedRecord {
  std::size_t index;  // in the batch given
  std::string message;
};

struct WriteResult {
  WriteCounts counts;
  std::vector<RefusedRecord> refused;  // not written; everything else is
  // Indexes of those whose month has no partition; not written. Keep them, and alarm.
  std::vector<std::size_t> no_partition;
};

class Writer {
 public:
  Writer(ConnectOptions options, std::string node);
  ~Writer();

  // Writes `records`, in one transaction if nothing in them is refused. A batch that
  // PostgreSQL refuses for its data is halved until the bad record is alone, so one
  // poisoned report costs nobody else.
  Result<WriteResult> Write(std::span<const ReceiptRecord> records);

  // How this node is doing: what /v1/status and `intake_settled` go by.
  struct Heartbeat {
    Uuid spool_id = {};
    TimePoint now;
    TimePoint started_at;
    std::string version;
    std::int64_t spool_depth = 0;
    std::int64_t spool_waiting = 0;
    std::optional<TimePoint> spool_oldest_at = {};
  };
  Result<void> WriteHeartbeat(const Heartbeat& heartbeat);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tlsrpt::store
