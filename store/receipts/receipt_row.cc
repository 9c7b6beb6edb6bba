#include "store/receipts/receipt_row.h"

#include <optional>
#include <string>

namespace tlsrpt::store {

ReceiptRow ReadReceiptRow(const Row& row) {
  ReceiptRow read;
  read.id = {row.Date("received_on"), row.Uuid("receipt_id")};
  read.outcome = static_cast<Outcome>(row.Int32("outcome"));
  read.stored_count = row.Int32("stored_count");
  read.duplicate_count = row.Int32("duplicate_count");
  read.parser_version = row.Int32("parser_version");
  for (const std::string& key : row.TextArray("duplicate_keys")) {
    if (const auto uuid = ParseUuid(key)) read.duplicate_keys.insert(*uuid);
  }
  read.receipt = ReceiptOf(row);
  read.receipt.reporter = row.Text("reporter");
  read.receipt.dkim_results = row.TextArray("dkim_results");
  return read;
}

Receipt ReceiptOf(const Row& row) {
  Receipt receipt;
  receipt.receipt_id = row.Uuid("receipt_id");
  receipt.received_at = row.Timestamp("received_at");
  receipt.node = row.Text("node");
  receipt.transport = static_cast<Transport>(row.Int32("transport"));
  receipt.peer = row.Text("peer");
  receipt.envelope_from = row.Text("envelope_from");
  receipt.envelope_to = row.TextArray("envelope_to");
  receipt.report_count = row.Int32("report_count");
  receipt.quarantined_count = row.Int32("quarantined_count");
  receipt.ordinary = static_cast<Outcome>(row.Int32("outcome")) == Outcome::kOrdinary;
  receipt.reason = row.Text("reason");
  receipt.reason_detail = row.Text("reason_detail");
  receipt.foreign_domains = row.TextArray("foreign_domains");
  receipt.quarantined_domains = row.TextArray("quarantined_domains");
  receipt.provenance = static_cast<Provenance>(row.Int32("provenance"));
  return receipt;
}

}  // namespace tlsrpt::store
