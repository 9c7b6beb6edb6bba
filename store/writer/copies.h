// One report under several signers counts once in the sums: as the copy that counts
// (store/model/vouching.h), whichever came first.
//
// Every vouched row stays as it was sent, and is shown; only what the daily sums hold for
// its report_key changes hands. So a stranger who guesses the report-id of tomorrow's
// report and signs a forgery with it neither keeps the genuine one out nor adds to it.
//
// Errors   leave as exceptions for Connection::Transact.
// Threads  as the transaction.
#pragma once

#include <span>

#include "store/model/filed_report.h"
#include "store/pg/connection.h"

namespace tlsrpt::store {

// Puts the sums right after the vouched reports `added` were inserted and each was added
// to the sums, in this transaction. That locked the sums of their days: a transaction
// that adds a copy at the same time has committed, and is seen here, or waits for us.
void SettleCopies(Transaction& tx, std::span<const FiledReport* const> added);

// Before the stored reports `going` are subtracted from the sums, each whole, and deleted
// in this transaction: gives back what will be subtracted though it was not held, and
// adds the copy that counts in place of one that goes.
void ReleaseCopies(Transaction& tx, std::span<const FiledReport* const> going);

}  // namespace tlsrpt::store
