#include "ingest/flow/store_batch.h"

#include <utility>

#include "ingest/flow/process.h"

namespace tlsrpt::ingest {

void Hold(store::ReceiptRecord& record, std::string_view reason, std::string why) {
  store::Receipt& receipt = record.receipt;
  for (const store::FiledReport& report : record.reports) {
    receipt.quarantined_domains.push_back(report.policy_domain);
  }
  // Nobody looks at it again when one of these becomes ours.
  if (reason == kReasonKey) {
    receipt.quarantined_domains.insert(receipt.quarantined_domains.end(),
                                       receipt.foreign_domains.begin(),
                                       receipt.foreign_domains.end());
  }
  record.reports.clear();
  record.new_names.clear();
  receipt.same_bytes_as.reset();  // whatever is held keeps its bytes
  receipt.report_count = std::max(receipt.report_count, 1);
  receipt.quarantined_count = receipt.report_count;
  receipt.reason = reason;
  receipt.reason_detail = std::move(why);
}

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
