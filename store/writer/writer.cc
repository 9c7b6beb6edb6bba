#include "store/writer/writer.h"

#include <utility>

#include "base/crash_point.h"

namespace tlsrpt::store {
namespace {

// A deadlock or a serialisation failure is somebody else's turn; after so many the
// batch goes back to the caller, who waits longer.
constexpr int kTriesAtOnce = 3;

// Policies change rarely, so a fleet of 100,000 domains with a few reporters fits. Past
// it the memory is worth more than the statements saved.
constexpr std::size_t kMaxKnownRows = 500'000;

// A key was there already, or another writer that brings the same reports and ours each
// waited for the other's.
bool MeansRepeats(const PgError& error) {
  return error.sqlstate == "23505" || error.sqlstate == "40P01";
}

// It waited so long in a spool that the bytes of its month have gone. Those are written
// after the receipt, and the two tables get their months together: that is there.
bool OnlyBytesArePast(const PgError& error) {
  return error.what == PgFailure::kNoPartition &&
         error.error.message.find("receipt_raw") != std::string::npos;
}

// Where one report came a second time others do too: a sender tries again, an archive is
// imported twice, a spool is replayed. So many batches are then written with an eye to
// it, rather than refused first.
constexpr int kCarefulBatches = 100;

}  // namespace

class Writer::Impl {
 public:
  Impl(ConnectOptions options, std::string node)
      : options_(std::move(options)), node_(std::move(node)) {}

  Result<WriteResult> Write(std::span<const ReceiptRecord> records) {
    WriteResult result;
    if (auto written = WriteFrom(records, 0, result); !written) {
      return std::move(written).error();
    }
    return result;
  }

  Result<void> WriteHeartbeat(const Heartbeat& beat) {
    const auto written = Transact([&](Transaction& tx) {
      tx.Query("node_heartbeat",
               {node_, beat.spool_id, beat.now, beat.started_at, beat.version,
                beat.spool_depth, beat.spool_waiting, beat.spool_oldest_at});
    });
    if (!written) return written.error().error;
    return {};
  }

 private:
  // One transaction; the caller decides what a failure means.
  template <class F>
  PgResult<void> Transact(const F& statements) {
    if (connection_ == nullptr || connection_->IsBroken()) {
      connection_.reset();
      // What was known may be gone: the database can have been set back to an older
      // state while it was away.
      known_ = {};
      auto opened = Connection::Open(options_);
      if (!opened) return std::move(opened).error();
      connection_ = std::move(*opened);
    }
    return connection_->Transact(statements);
  }

  // `contradicts`: rolled back, see BatchWritten.
  PgResult<void> WriteOnce(std::span<const ReceiptRecord> records, Raw raw,
                           WriteCounts& counts, bool& contradicts) {
    const CrashScope scope("batch");
    if (careful_batches_ == 0) {
      auto done = WriteOnce(records, raw, Repeats::kNone, counts, contradicts);
      if (done || !MeansRepeats(done.error())) return done;
      careful_batches_ = kCarefulBatches;
    }
    --careful_batches_;
    return WriteOnce(records, raw, Repeats::kPossible, counts, contradicts);
  }

  PgResult<void> WriteOnce(std::span<const ReceiptRecord> records, Raw raw,
                           Repeats repeats, WriteCounts& counts, bool& contradicts) {
    BatchWritten written;
    auto done = Transact([&](Transaction& tx) -> Result<void> {
      tx.Query("write_begin");
      written = WriteBatch(tx, records, &node_, known_, repeats, raw);
      contradicts = written.contradicts_receipt;
      if (contradicts) return Error{ErrorKind::kInternal, "a receipt is read otherwise"};
      return {};
    });
    if (!done) return done;
    counts += written.counts;
    if (known_.policy_texts.size() + known_.mx_hosts.size() > kMaxKnownRows) known_ = {};
    known_.policy_texts.merge(written.rows.policy_texts);
    known_.mx_hosts.merge(written.rows.mx_hosts);
    return done;
  }

  // `records` stand at `offset` of the whole batch. Halves what is refused.
  Result<void> WriteFrom(std::span<const ReceiptRecord> records, std::size_t offset,
                         WriteResult& result) {
    if (records.empty()) return {};
    Raw raw = Raw::kKept;
    for (int tries = 1;; ++tries) {
      bool contradicts = false;
      const auto done = WriteOnce(records, raw, result.counts, contradicts);
      if (done) return {};
      if (contradicts) {
        // Alone, it is one that the database knows: nothing is to be written.
        if (records.size() > 1) return Halve(records, offset, result);
        return {};
      }
      const PgError& failed = done.error();
      switch (failed.what) {
        case PgFailure::kRetry:
          // 40001 and 40P01: we were in somebody's way. All else needs time.
          if (failed.sqlstate.starts_with("40") && tries < kTriesAtOnce) continue;
          return failed.error;
        case PgFailure::kCommitUnknown:
        case PgFailure::kOther:
          return failed.error;
        case PgFailure::kBadData:
        case PgFailure::kNoPartition:
          if (records.size() > 1) return Halve(records, offset, result);
          if (raw == Raw::kKept && OnlyBytesArePast(failed)) {
            raw = Raw::kPast;
            continue;
          }
          if (failed.what == PgFailure::kNoPartition) {
            result.no_partition.push_back(offset);
          } else {
            result.refused.push_back({offset, failed.error.message});
          }
          return {};
      }
    }
  }

  Result<void> Halve(std::span<const ReceiptRecord> records, std::size_t offset,
                     WriteResult& result) {
    const std::size_t half = records.size() / 2;
    if (auto first = WriteFrom(records.first(half), offset, result); !first) {
      return first;
    }
    return WriteFrom(records.subspan(half), offset + half, result);
  }

  ConnectOptions options_;
  std::string node_;
  std::unique_ptr<Connection> connection_;
  KnownRows known_;
  int careful_batches_ = 0;  // to come
};

Writer::Writer(ConnectOptions options, std::string node)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(node))) {}
Writer::~Writer() = default;

Result<WriteResult> Writer::Write(std::span<const ReceiptRecord> records) {
  return impl_->Write(records);
}

Result<void> Writer::WriteHeartbeat(const Heartbeat& heartbeat) {
  return impl_->WriteHeartbeat(heartbeat);
}

}  // namespace tlsrpt::store
