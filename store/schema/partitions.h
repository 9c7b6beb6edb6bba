// The monthly partitions of the receipt and report tables. There is no default
// partition: a row whose month has none is refused (kNoPartition), so that a report with
// a wild date cannot make one.
//
// Units    months are calendar months, UTC.
// Errors   as Connection::Transact. kOther where the role may not create tables.
// Threads  as Connection. Any number of processes may call at once.
#pragma once

#include <chrono>

#include "base/clock.h"
#include "store/pg/connection.h"

namespace tlsrpt::store {

// Partitions are made this far ahead: a worker that is away for a month misses nothing.
inline constexpr std::chrono::months kPartitionsAhead{2};

struct MonthRange {
  std::chrono::year_month first;
  std::chrono::year_month last;  // included

  bool operator==(const MonthRange&) const = default;
};

// From the oldest day that the retention keeps to kPartitionsAhead after now.
MonthRange NeededMonths(TimePoint now, std::chrono::months retention);

// Makes what is missing of `months` in every partitioned table and returns how many
// partitions that were. One query where nothing is missing. `owner` is a connection with
// role tlsrptd_owner.
//
// A missing one takes an ACCESS EXCLUSIVE lock on its table for some milliseconds: give
// `owner` a lock_timeout, or a long SELECT makes everybody wait behind it.
PgResult<int> EnsurePartitions(Connection& owner, MonthRange months);

}  // namespace tlsrpt::store
