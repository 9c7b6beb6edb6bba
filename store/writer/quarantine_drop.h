// Lets go of what a receipt holds in quarantine, as an administrator decides: a vouched
// report that nobody can read holds `ready` back until then.
//
// The receipt and its bytes stay, and who let go, when and why is kept for good. A parser
// that can read it later stores it all the same; one that cannot leaves it dropped.
//
// Errors   PgError of the connection; nothing else.
// Threads  as the connection, which has the role tlsrptd_ingest.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/pg/connection.h"
#include "store/receipts/receipt_row.h"

namespace tlsrpt::store {

struct DropDecision {
  std::string by;  // neither is empty
  std::string why;
  TimePoint now;
};

// How many reports that were: 0 where nothing of it is held (any more).
PgResult<std::int64_t> DropFromQuarantine(Connection& connection, const ReceiptId& id,
                                          const DropDecision& decision);

}  // namespace tlsrpt::store
