// Receipts: what was accepted, what became of it, and its raw bytes.
//
// Errors   PgError of the connection; nothing else.
// Threads  as the connection.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/uuid.h"
#include "store/model/receipt.h"
#include "store/model/report_ref.h"
#include "store/model/vocabulary.h"
#include "store/pg/connection.h"

namespace tlsrpt::store {

struct ReceiptLine {
  Receipt receipt;
  std::chrono::sys_days received_on;
  Outcome outcome = Outcome::kStored;
  std::int32_t stored_count = 0;
  std::int32_t duplicate_count = 0;
  // Rows that another receipt brought first, by report and policy domain. More than
  // duplicate_count says: of a report about two domains one part may have been new.
  std::int32_t duplicate_key_count = 0;
  bool dropped = false;            // what it held in quarantine was let go of
  std::vector<ReportRef> reports;  // what it left, by policy domain

  // Every domain that its rows still name, ours or not; kEveryDomain among them where
  // that cannot be told. Empty: they name none.
  std::set<std::string> Domains() const;
};

struct ReceiptPageQuestion {
  std::chrono::sys_days first_day = {};
  std::chrono::sys_days last_day = {};
  bool quarantined_only = false;
  // Of all receipts:
  std::optional<Outcome> outcome = {};
  std::optional<Transport> transport = {};
  // Of those in quarantine:
  std::optional<std::string> reason = {};
  std::optional<bool> vouched = {};

  struct Place {
    std::chrono::sys_days received_on;
    Uuid receipt_id;

    auto operator<=>(const Place&) const = default;
  };
  std::optional<Place> after = {};  // the last of the page before
  std::int64_t limit = 0;
};

// The newest first.
PgResult<std::vector<ReceiptLine>> ReadReceiptPage(Connection& connection,
                                                   const ReceiptPageQuestion& question);

// Nothing: no such receipt.
PgResult<std::optional<ReceiptLine>> ReadReceiptLine(Connection& connection,
                                                     const Uuid& receipt_id);

// As received. Nothing: their retention has ended.
PgResult<std::optional<std::string>> ReadRawBytes(Connection& connection,
                                                  std::chrono::sys_days received_on,
                                                  const Uuid& receipt_id);

}  // namespace tlsrpt::store
