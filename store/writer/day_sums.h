// The rows of domain_day and domain_day_failure, changed by what a Rollup collected.
//
// Errors   leave as exceptions for Connection::Transact.
// Threads  as the transaction.
#pragma once

#include "store/pg/connection.h"
#include "store/writer/rollup.h"

namespace tlsrpt::store {

// Adds, and makes the rows that are missing. Nothing in `rollup` is negative. The rows
// stay locked until the transaction ends.
void AddToSums(Transaction& tx, const Rollup& rollup);

// Adds what may be negative, and makes the rows that are missing: a row of zero is pruned
// while a copy that may come to count still stands behind it. One statement a row:
// PostgreSQL holds a proposed row of an upsert to its CHECKs before it looks whether
// there is one to add it to; below zero it refuses. For the few rows that are put right,
// not for the many that come in.
void CorrectSums(Transaction& tx, const Rollup& rollup);

}  // namespace tlsrpt::store
