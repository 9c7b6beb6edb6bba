// Takes away what a receipt owns: rows, and what they added to the daily sums.
//
// Subtracted by delta, like they were added: a sum is never computed anew, since reports
// that are being stored at the same time are not seen yet.
//
// Errors   leave as exceptions for Connection::Transact. A sum that would fall below zero
//          is one (kBadData): nothing is changed then.
// Threads  as the transaction.
#pragma once

#include <vector>

#include "store/pg/connection.h"
#include "store/writer/kept_receipt.h"
#include "store/writer/rollup.h"

namespace tlsrpt::store {

// The rows of the sums that change, sorted, for PruneSums.
Rollup Disown(Transaction& tx, const std::vector<KeptReport>& owned);

// Deletes those of the sums in `touched` that are sums of nothing now. After whatever is
// inserted again.
void PruneSums(Transaction& tx, const Rollup& touched);

}  // namespace tlsrpt::store
