// A row of `receipt`, read: for those who list receipts and for those who look at them
// again.
//
// Threads  values.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <set>

#include "base/uuid.h"
#include "store/model/receipt.h"
#include "store/pg/rows.h"

namespace tlsrpt::store {

// Where a receipt lies: its partition and its id.
struct ReceiptId {
  std::chrono::sys_days received_on;
  Uuid receipt_id;

  auto operator<=>(const ReceiptId&) const = default;
};

struct ReceiptRow {
  ReceiptId id;
  // report_count, quarantined_count and `ordinary` are what was found last time.
  Receipt receipt;
  Outcome outcome = Outcome::kOrdinary;
  std::int32_t stored_count = 0;
  std::int32_t duplicate_count = 0;
  std::int32_t parser_version = 0;  // of the parser that looked last
  std::set<Uuid> duplicate_keys;    // reports that another receipt brought first
};

// A row of the queries `receipts`, `receipt_lock`, `receipts_quarantined` and
// `receipts_ordinary`, which name the same columns.
ReceiptRow ReadReceiptRow(const Row& row);

// The receipt alone, without who vouches and the DKIM results: what every query of
// `receipt` has.
Receipt ReceiptOf(const Row& row);

}  // namespace tlsrpt::store
