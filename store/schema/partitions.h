// The monthly partitions of the receipt and report tables: made ahead, and dropped whole
// when their retention ends, which costs the same for a row as for a million. There is no
// default partition: a row whose month has none is refused (kNoPartition), so that a
// report with a wild date cannot make one.
//
// Units    months are calendar months, UTC.
// Errors   as Connection::Transact. kOther where the role may not create tables.
// Threads  as Connection. Any number of processes may call at once.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

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

// The months that each kind of table keeps.
struct PartitionMonths {
  MonthRange reports;   // what reports say, by the day they speak of
  MonthRange receipts;  // by the day they came; as long as either of the others
  MonthRange raw;       // the bytes, by the same day

  bool operator==(const PartitionMonths&) const = default;
};

PartitionMonths NeededPartitions(TimePoint now, std::chrono::months reports_retention,
                                 std::chrono::months raw_retention);

// Makes what is missing of `months` in every partitioned table and returns how many
// partitions that were. One query where nothing is missing. `owner` is a connection with
// role tlsrptd_owner.
//
// A missing one takes an ACCESS EXCLUSIVE lock on its table for some milliseconds: give
// `owner` a lock_timeout, or a long SELECT makes everybody wait behind it.
PgResult<int> EnsureKeptMonths(Connection& owner, const PartitionMonths& months);
// The same months for all.
PgResult<int> EnsurePartitions(Connection& owner, MonthRange months);

struct Partition {
  std::string table;  // "report"
  std::string name;   // "report_p202611"
  std::chrono::year_month month;
  std::int64_t bytes = 0;  // on disk, indexes included
  // Of receipt_raw: receipts in quarantine that lose their bytes with it.
  std::int64_t quarantined = 0;
};

// So long nobody may have sent a report; a clock that is further past the last one is
// more likely wrong.
inline constexpr std::chrono::days kMaxSilence{92};

// By which time months end: `now`, or the database's where that is earlier, and at most
// kMaxSilence after the last receipt. A clock that is years ahead (a battery that went
// flat) would drop everything there is; one that is behind drops it later.
PgResult<TimePoint> RetentionTime(Connection& owner, TimePoint now);

// Partitions before the first month that is kept, the oldest first.
PgResult<std::vector<Partition>> FindExpired(Connection& owner,
                                             const PartitionMonths& kept);

// Drops one; false: it is gone already. What is in quarantine loses its bytes with
// receipt_raw and cannot be tried again: those receipts are let go of in the same
// transaction, and quarantine_drop says so; `quarantined` is how many that were.
//
// Takes an ACCESS EXCLUSIVE lock on the table for some milliseconds, like making one.
struct DroppedPartition {
  bool dropped = false;
  std::int64_t quarantined = 0;
};
PgResult<DroppedPartition> DropPartition(Connection& owner, const Partition& partition,
                                         TimePoint now);

}  // namespace tlsrpt::store
