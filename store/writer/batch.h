// The statements of one batch, in the order that keeps them harmless to repeat.
//
//   1  report          ON CONFLICT DO NOTHING, RETURNING what was new; or COPY
//   2  policy_result, report_failure, policy_text   of the new ones; the first two by
//                          COPY, since what hangs on a new key cannot be there yet
//   3  receipt             as report; receipt_raw of the new ones, by COPY
//   4  imported_body       of the new receipts that stored all they hold
//   5  domain_day, domain_day_failure               by delta, of the new ones
//   6  mx_host, domain, work                        what the new ones brought to light
//   7  work                the domains that this is evidence about are evaluated again
//   8  node_counter                                 by delta, of the new receipts
//
// Rows of every statement are sorted by key, so that two batches at once cannot
// deadlock; the daily sums and the counters, which every batch about a domain or of a
// node wants, come late, so that they are locked for a short time. (COPY writes one
// partition after the other, so two batches that bring the same new reports can: 40P01.)
//
// Errors   leave as exceptions for Connection::Transact. 23505 or 40P01 with
//          Repeats::kNone: there are some; write the batch with kPossible.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>

#include "base/uuid.h"
#include "store/model/receipt.h"
#include "store/pg/connection.h"
#include "store/writer/written_before.h"

namespace tlsrpt::store {

struct WriteCounts {
  std::int64_t receipts = 0;  // written now; one that was there already is not
  std::int64_t reports_stored = 0;
  std::int64_t reports_duplicate = 0;
  std::int64_t reports_quarantined = 0;

  WriteCounts& operator+=(const WriteCounts& other);
};

// Rows that reports repeat daily and that are in the database for certain, so that they
// need not be sent again.
struct KnownRows {
  std::set<std::pair<std::string, Uuid>> policy_texts;     // policy_domain, policy_hash
  std::set<std::pair<std::string, std::string>> mx_hosts;  // policy_domain, mx_host
};

// Whether reports or receipts of a batch may be in the database already.
enum class Repeats {
  // They are not, as is usual: they go by COPY, which costs PostgreSQL a third as much,
  // and which refuses the batch if it is otherwise.
  kNone,
  kPossible,
};

// Whether the bytes of the submissions are kept as well. They are not where their month
// is past its retention, which may be shorter than that of the receipts.
enum class Raw { kKept, kPast };

struct BatchWritten {
  WriteCounts counts;
  std::map<std::string, std::int64_t> counters;  // by what those of the node go up
  KnownRows rows;  // sent with this batch; known once it is committed
  // A receipt was there already, and yet a report of it was new: it is read otherwise
  // now than when it was stored (a domain was added, the parser has learnt). Roll back:
  // its counts would no longer be true. Reading it anew is `reprocess`.
  bool contradicts_receipt = false;
};

// `node` is whose counters go up; null: the caller sees to it, who has more to count.
// `before`: rows that are written again, with Repeats::kPossible.
BatchWritten WriteBatch(Transaction& tx, std::span<const ReceiptRecord> records,
                        const std::string* node, const KnownRows& known, Repeats repeats,
                        Raw raw = Raw::kKept, const WrittenBefore& before = {});

}  // namespace tlsrpt::store
