// Receipts looked at again: which, and what becomes of them.
//
// One receipt is one transaction: it is locked, what it owns is subtracted and deleted,
// what is found in it now is inserted, its row and the totals of its node are put right.
// So a run may be interrupted anywhere and started again, beside intake and beside others
// of its kind.
//
// Where a row goes for good, a report that another receipt brought later, and that was a
// duplicate of it, is the only copy left: that receipt is looked at again in the same
// transaction. Intake might be finding such a duplicate at this very moment, so writers
// are kept out of `report` meanwhile: for the milliseconds of that one receipt.
//
// Units    days are UTC.
// Errors   as Writer: kUnavailable: nothing of this receipt happened, come back later;
//          kInternal: our SQL, or sums that do not add up. What PostgreSQL refuses for
//          what it holds is in the result.
// Threads  one Rewriter per thread; any number of them at once.
#pragma once

#include <chrono>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/pg/connection.h"
#include "store/writer/kept_receipt.h"

namespace tlsrpt::store {

// What to look at again. Pages are asked for with the last id of the one before.
struct ReceiptsOfDay {
  std::chrono::sys_days day;
  std::int32_t parser_below = std::numeric_limits<std::int32_t>::max();
  std::string domain;  // empty: all
};
struct ReceiptsForeign {
  std::string name;  // a domain, ".example.net", an MX host, or "*.example.net"
};
struct ReceiptsQuarantined {
  std::optional<std::string> reason;
  std::optional<std::string> reporter;  // "" is nobody
  std::optional<TimePoint> not_after;
  std::optional<TimePoint> not_before;
};

// What is found in a receipt that is looked at again.
struct Found {
  ReceiptRecord record;
  // Reports of it whose month goes for its age, or has gone. Not in `record.reports`:
  // none of their rows is written, and those that are there still are left to go with the
  // month.
  std::vector<FiledReport> past;
  // Of these, those that were stored and whose rows are gone: they count as stored.
  std::int32_t past_gone = 0;
};

// The past ones are no matter of a look: `kept` without their rows, and without the keys
// of those that are duplicates.
KeptReceipt WithoutPast(KeptReceipt kept, const std::vector<FiledReport>& past);

struct Rewritten {
  bool done = false;  // false: left as it was, as `look` wished
  // Receipts that took over a report from this one.
  int promoted = 0;
  // PostgreSQL refuses what was found in it now; nothing changed.
  std::optional<std::string> refused;
  // A report of it has no partition; nothing changed.
  bool no_partition = false;
};

class Rewriter {
 public:
  explicit Rewriter(ConnectOptions options);
  ~Rewriter();

  // The next `limit` after `after`, by day and id.
  Result<std::vector<ReceiptId>> Find(const ReceiptsOfDay& which,
                                      const std::optional<ReceiptId>& after, int limit);
  Result<std::vector<ReceiptId>> Find(const ReceiptsForeign& which,
                                      const std::optional<ReceiptId>& after, int limit);
  Result<std::vector<ReceiptId>> Find(const ReceiptsQuarantined& which,
                                      const std::optional<ReceiptId>& after, int limit);
  // First and last day with a receipt; nothing where there is none.
  Result<std::optional<std::pair<std::chrono::sys_days, std::chrono::sys_days>>> Days();

  Result<std::vector<KeptReceipt>> Read(const std::vector<ReceiptId>& ids);
  Result<std::optional<std::string>> ReadBytes(const ReceiptId& id);

  // Nothing is different in them: they count as read by this parser.
  Result<void> MarkSeen(const std::vector<ReceiptId>& ids);

  // What is found in a receipt now, or nothing to leave it alone. Called inside the
  // transaction, and again where that has to be repeated: it must do nothing else.
  // `reopen_at`: that its quarantined part was dropped stands no longer, from then on.
  using Look = std::function<std::optional<Found>(const KeptReceipt&, std::string raw)>;
  Result<Rewritten> Rewrite(const ReceiptId& id, const Look& look,
                            std::optional<TimePoint> reopen_at = std::nullopt);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tlsrpt::store
