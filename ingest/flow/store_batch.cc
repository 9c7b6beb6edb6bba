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
    stored.counts += held->counts;
    if (!held->no_partition.empty()) stored.no_partition.push_back(refused.index);
    if (!held->refused.empty()) {
      // Nothing of a stranger's is left in it but the raw bytes.
      stored.not_held.push_back(
          {refused.index, "PostgreSQL refuses even to hold receipt " +
                              record.receipt.receipt_id.ToString() + ": " +
                              held->refused.front().message});
    }
  }
  std::vector<bool> is_written(records.size(), true);
  for (const std::size_t index : stored.no_partition) is_written[index] = false;
  for (const store::RefusedRecord& refused : stored.not_held) {
    is_written[refused.index] = false;
  }
  for (std::size_t i = 0; i < records.size(); ++i) {
    const store::Receipt& receipt = records[i].receipt;
    if (is_written[i] && receipt.quarantined_count > 0) {
      stored.quarantined.push_back(&receipt);
    }
  }
  return stored;
}

}  // namespace tlsrpt::ingest
