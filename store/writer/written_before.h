// When rows were written that a look at their receipt takes out and puts in again: by
// that a waiver accepts them, and a new parser is no reason to take back what somebody
// accepted.
//
// Threads  pure.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "store/writer/kept_receipt.h"
#include "store/writer/row_key.h"

namespace tlsrpt::store {

// A time that is empty: nobody knows, for it was before that was kept. A row that is not
// here is written now.
using WrittenBefore = std::map<RowKey, std::optional<TimePoint>>;

// Of the rows `owned` those that are in `now` as well and tell the same failures there.
// One that tells others is new, to whoever accepted what it told before.
WrittenBefore StillWritten(const std::vector<KeptReport>& owned,
                           const std::vector<FiledReport>& now);

}  // namespace tlsrpt::store
