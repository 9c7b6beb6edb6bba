// Receipts as an administrator asks for them: what is in quarantine, what was ordinary
// mail, and one of them with everything known.
//
// Errors   PgError of the connection; nothing else.
// Threads  as the connection.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/pg/connection.h"
#include "store/receipts/receipt_row.h"

namespace tlsrpt::store {

struct ReceiptFilter {
  std::optional<std::string> reason;
  std::optional<std::string> reporter;  // "" is nobody
  std::optional<TimePoint> not_after;
  std::optional<TimePoint> not_before;
  std::optional<ReceiptId> after;  // the last of the page before
  std::int64_t limit = 100;
};

// By day and id, which is by time.
PgResult<std::vector<ReceiptRow>> ReadQuarantine(Connection& connection,
                                                 const ReceiptFilter& filter);
// `reason` and `reporter` do not matter: ordinary mail has neither.
PgResult<std::vector<ReceiptRow>> ReadOrdinary(Connection& connection,
                                               const ReceiptFilter& filter);

// Fewer hexadecimal digits do not say the minute, so there is no day to look in.
inline constexpr std::size_t kLeastIdDigits = 8;

// Every id that begins with `text`: digits of a version 7 UUID, with or without hyphens.
// kMalformed with what is expected.
struct IdRange {
  Uuid first;
  Uuid last;
};
Result<IdRange> ParseIdPrefix(std::string_view text);

// At most two, so that one that is not unique is seen to be.
PgResult<std::vector<ReceiptId>> FindReceipts(Connection& connection,
                                              const IdRange& range);

struct QuarantineDrop {
  TimePoint dropped_at;
  std::optional<TimePoint> withdrawn_at;
  std::int32_t count = 0;
  std::string by;
  std::string why;
};

struct ReceiptDetail {
  ReceiptRow row;
  std::vector<QuarantineDrop> drops;  // the last first
  std::optional<std::string> raw;     // nothing past its retention
};
// Nothing where it is not there.
PgResult<std::optional<ReceiptDetail>> ReadReceipt(Connection& connection,
                                                   const ReceiptId& id);

}  // namespace tlsrpt::store
