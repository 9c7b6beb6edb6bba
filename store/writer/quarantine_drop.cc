#include "store/writer/quarantine_drop.h"

#include "store/writer/held_domains.h"

namespace tlsrpt::store {

PgResult<std::int64_t> DropFromQuarantine(Connection& connection, const ReceiptId& id,
                                          const DropDecision& decision) {
  return connection.Transact([&](Transaction& tx) -> std::int64_t {
    const ResultSet rows = tx.Query("receipt_lock", {id.received_on, id.receipt_id});
    if (rows.empty()) return 0;
    const Receipt receipt = ReadReceiptRow(rows[0]).receipt;
    if (receipt.quarantined_count == 0) return 0;
    tx.Query("quarantine_drop_add",
             {decision.now, id.receipt_id, id.received_on, receipt.quarantined_count,
              static_cast<std::int16_t>(receipt.provenance), decision.by, decision.why,
              receipt.reporter, receipt.reason, receipt.quarantined_domains});
    tx.Query("quarantine_drop_receipt", {id.received_on, id.receipt_id});
    EvidenceChange change;
    AddHeldDomains(receipt, change);
    RequestEvaluation(tx, std::move(change));
    return receipt.quarantined_count;
  });
}

}  // namespace tlsrpt::store
