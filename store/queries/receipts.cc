#include "store/queries/receipts.h"

#include <chrono>

#include "base/hex_digit.h"

namespace tlsrpt::store {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::sys_days;

// Times that timestamptz and date both take, before and after everything of ours.
constexpr TimePoint kFirstTime = sys_days{std::chrono::year(1970) / 1 / 1};
constexpr TimePoint kLastTime = sys_days{std::chrono::year(9999) / 1 / 1};

constexpr std::size_t kUuidDigits = 32;

ReceiptId AfterOrFirst(const ReceiptFilter& filter) {
  return filter.after.value_or(ReceiptId{floor<days>(kFirstTime), Uuid{}});
}

std::vector<ReceiptRow> ReadRows(const ResultSet& rows) {
  std::vector<ReceiptRow> receipts;
  for (const Row row : rows) receipts.push_back(ReadReceiptRow(row));
  return receipts;
}

}  // namespace

PgResult<std::vector<ReceiptRow>> ReadQuarantine(Connection& connection,
                                                 const ReceiptFilter& filter) {
  const ReceiptId after = AfterOrFirst(filter);
  return connection.Transact([&](Transaction& tx) {
    return ReadRows(
        tx.Query("receipts_quarantined",
                 {filter.reason, filter.reporter, filter.not_after.value_or(kLastTime),
                  filter.not_before.value_or(kFirstTime), after.received_on,
                  after.receipt_id, filter.limit}));
  });
}

PgResult<std::vector<ReceiptRow>> ReadOrdinary(Connection& connection,
                                               const ReceiptFilter& filter) {
  const ReceiptId after = AfterOrFirst(filter);
  return connection.Transact([&](Transaction& tx) {
    return ReadRows(tx.Query(
        "receipts_ordinary",
        {filter.not_after.value_or(kLastTime), filter.not_before.value_or(kFirstTime),
         after.received_on, after.receipt_id, filter.limit}));
  });
}

Result<IdRange> ParseIdPrefix(std::string_view text) {
  IdRange range;
  range.last.bytes.fill(0xFF);
  std::size_t digits = 0;
  for (const char c : text) {
    if (c == '-') continue;
    const auto digit = HexDigit(c);
    if (!digit || digits == kUuidDigits) {
      digits = 0;
      break;
    }
    const unsigned shift = digits % 2 == 0 ? 4 : 0;
    for (Uuid* end : {&range.first, &range.last}) {
      auto& byte = end->bytes[digits / 2];
      byte = static_cast<std::uint8_t>((byte & ~(0xFu << shift)) | (*digit << shift));
    }
    ++digits;
  }
  if (digits >= kLeastIdDigits) return range;
  return Error{ErrorKind::kMalformed, "receipt " + std::string(text) +
                                          ": expected the id in the 250 answer, or at "
                                          "least its first " +
                                          std::to_string(kLeastIdDigits) + " digits"};
}

PgResult<std::vector<ReceiptId>> FindReceipts(Connection& connection,
                                              const IdRange& range) {
  // The id was made within seconds of received_at; midnight may lie between.
  const auto first = floor<days>(TimeOf(range.first)) - days(1);
  const auto last = floor<days>(TimeOf(range.last)) + days(1);
  return connection.Transact([&](Transaction& tx) {
    std::vector<ReceiptId> found;
    for (const Row row :
         tx.Query("receipts_between", {range.first, range.last, first, last})) {
      found.push_back({row.Date("received_on"), row.Uuid("receipt_id")});
    }
    return found;
  });
}

PgResult<std::optional<ReceiptDetail>> ReadReceipt(Connection& connection,
                                                   const ReceiptId& id) {
  return connection.Transact([&](Transaction& tx) -> std::optional<ReceiptDetail> {
    const ResultSet rows =
        tx.Query("receipts", {std::vector{id.received_on}, std::vector{id.receipt_id}});
    if (rows.empty()) return std::nullopt;
    ReceiptDetail detail{ReadReceiptRow(rows[0]), {}, {}};
    for (const Row row : tx.Query("quarantine_drops", {id.receipt_id})) {
      detail.drops.push_back(
          {row.Timestamp("dropped_at"), row.OptionalTimestamp("withdrawn_at"),
           row.Int32("dropped_count"), std::string(row.Text("dropped_by")),
           std::string(row.Text("why"))});
    }
    const ResultSet raw = tx.Query("receipt_raw", {id.received_on, id.receipt_id});
    if (!raw.empty()) detail.raw = raw[0].Bytes("body");
    return detail;
  });
}

}  // namespace tlsrpt::store
