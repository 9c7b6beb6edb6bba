// A receipt as the database has it, with the reports it owns: what is looked at again.
//
// A receipt owns the rows of `report` that carry its id. A report that another receipt
// brought first is a duplicate here; the receipt names it, and owns nothing of it.
//
// Errors   leave as exceptions for Connection::Transact.
// Threads  as the transaction.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/uuid.h"
#include "store/model/receipt.h"
#include "store/pg/connection.h"
#include "store/receipts/receipt_row.h"

namespace tlsrpt::store {

// One row of `report` with its results. The policy texts and anomalies of `filed` are
// empty: rows hold their hash, and their text.
struct KeptReport {
  FiledReport filed;
  std::vector<std::optional<Uuid>> policy_hashes;  // one a result
  std::vector<std::string> anomalies;              // as store::ToText() writes them
  // By the database's clock; empty: before that was kept.
  std::optional<TimePoint> written_at = std::nullopt;
};

// The same of a report that is not stored yet.
KeptReport KeptFormOf(const FiledReport& report);

struct KeptReceipt : ReceiptRow {
  bool dropped = false;  // its quarantined part was, and that stands
  std::vector<KeptReport> owned;
};

// The days of `ids`, each once, and their ids: what queries for several receipts ask for.
std::pair<std::vector<std::chrono::sys_days>, std::vector<Uuid>> DaysAndIds(
    const std::vector<ReceiptId>& ids);

// Those of `ids` that are there, in the order of `ids`, with what they own.
std::vector<KeptReceipt> ReadReceipts(Transaction& tx, const std::vector<ReceiptId>& ids);

// The same of one, locked until the transaction ends; nothing where it is not there.
std::optional<KeptReceipt> LockReceipt(Transaction& tx, const ReceiptId& id);

// The bytes as received; nothing past their retention.
std::optional<std::string> ReadRaw(Transaction& tx, const ReceiptId& id);

}  // namespace tlsrpt::store
