#include "ingest/flow/store_batch.h"

#include <utility>

#include "ingest/flow/process.h"

namespace tlsrpt::ingest {

Result<StoredBatch> StoreBatch(store::Writer& writer,
                               std::vector<store::ReceiptRecord>& records) {
  auto written = writer.Write(records);
  if (!written) return std::move(written).error();
  StoredBatch stored;
  stored.counts = written->counts;
  stored.no_partition = std::move(written->no_partition);

  for (const store::RefusedRecord& refused : written->refused) {
    store::ReceiptRecord& record = records[refused.index];
    Hold(record, kReasonStore, refused.message);
    auto held = writer.Write({&record, 1});
    if (!held) return std::move(held).error();
    if (!held->refused.empty()) {
      // Nothing of a stranger's is left in it but the raw bytes.
      return Error{ErrorKind::kInternal, "PostgreSQL refuses even to hold receipt " +
                                             record.receipt.receipt_id.ToString() + ": " +
                                             held->refused.front().message};
    }
    if (!held->no_partition.empty()) stored.no_partition.push_back(refused.index);
    stored.counts += held->counts;
  }
  for (const store::ReceiptRecord& record : records) {
    if (record.receipt.quarantined_count > 0) {
      stored.quarantined.push_back(&record.receipt);
    }
  }
  return stored;
}

}  // namespace tlsrpt::ingest
