#include "store/schema/partitions.h"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/crash_point.h"
#include "base/text.h"

namespace tlsrpt::store {
namespace {

struct PartitionedTable {
  const char* name;
  const char* storage;  // " WITH (...)", or empty
  MonthRange PartitionMonths::*months;
};

// Read from the index alone, which needs the visibility map: vacuum after 2 % of
// inserts, not 20 %.
constexpr const char* kVacuumEarly =
    " WITH (autovacuum_vacuum_insert_scale_factor = 0.02)";
// Kept in the row up to a page: most mails are 2 to 4 KB, and a TOAST row with an index
// entry of its own would be half of what storing them costs.
constexpr const char* kKeepInRow = " WITH (toast_tuple_target = 8160)";

constexpr PartitionedTable kTables[] = {
    {"receipt", "", &PartitionMonths::receipts},
    {"receipt_raw", kKeepInRow, &PartitionMonths::raw},
    {"report", "", &PartitionMonths::reports},
    {"policy_result", kVacuumEarly, &PartitionMonths::reports},
    {"report_failure", "", &PartitionMonths::reports},
    {"domain_day", kVacuumEarly, &PartitionMonths::reports},
    {"domain_day_failure", "", &PartitionMonths::reports},
    {"observation", kVacuumEarly, &PartitionMonths::reports},
};

// "report_p202611"
std::string PartitionName(const char* table, std::chrono::year_month month) {
  char suffix[32];
  std::snprintf(suffix, sizeof suffix, "_p%04d%02u", static_cast<int>(month.year()),
                static_cast<unsigned>(month.month()));
  return table + std::string(suffix);
}

// "2026-11-01"
std::string FirstDay(std::chrono::year_month month) {
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02u-01", static_cast<int>(month.year()),
                static_cast<unsigned>(month.month()));
  return text;
}

std::string CreateStatement(const PartitionedTable& table,
                            std::chrono::year_month month) {
  std::string sql = "CREATE TABLE tlsrptd." + PartitionName(table.name, month) +
                    " PARTITION OF tlsrptd." + table.name + " FOR VALUES FROM ('" +
                    FirstDay(month) + "') TO ('" +
                    FirstDay(month + std::chrono::months(1)) + "')" + table.storage;
  return sql;
}

std::set<std::string, std::less<>> Existing(Transaction& tx) {
  // Names are enough: only the owner can make tables in the schema.
  const auto rows = tx.Exec(
      "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
      "WHERE n.nspname = 'tlsrptd' AND c.relispartition AND c.relkind = 'r'");
  std::set<std::string, std::less<>> names;
  for (const Row row : rows) names.emplace(row.Text(0));
  return names;
}

// The month of "report_p202611", where that is a partition of `table`.
std::optional<std::chrono::year_month> MonthOf(const char* table, std::string_view name) {
  const std::string prefix = std::string(table) + "_p";
  if (!name.starts_with(prefix) || name.size() != prefix.size() + 6) return std::nullopt;
  const auto number = ParseUnsigned(name.substr(prefix.size()));
  if (!number) return std::nullopt;
  const std::chrono::year_month month{
      std::chrono::year(static_cast<int>(*number / 100)),
      std::chrono::month(static_cast<unsigned>(*number % 100))};
  if (!month.ok()) return std::nullopt;
  return month;
}

// The first day of a month, and of the next.
std::pair<std::chrono::sys_days, std::chrono::sys_days> DaysOf(
    std::chrono::year_month month) {
  return {std::chrono::sys_days{month / 1},
          std::chrono::sys_days{(month + std::chrono::months(1)) / 1}};
}

// Lets go of what is in quarantine and came in `month`.
std::int64_t ReleaseQuarantine(Transaction& tx, std::chrono::year_month month,
                               TimePoint now) {
  const auto [first, next] = DaysOf(month);
  tx.Query("quarantine_expired_add", {now, first, next});
  return static_cast<std::int64_t>(
      tx.Query("quarantine_expired", {first, next}).AffectedRows());
}

std::vector<std::chrono::year_month> Missing(
    const PartitionedTable& table, MonthRange months,
    const std::set<std::string, std::less<>>& existing) {
  std::vector<std::chrono::year_month> missing;
  for (auto month = months.first; month <= months.last; month += std::chrono::months(1)) {
    if (!existing.contains(PartitionName(table.name, month))) missing.push_back(month);
  }
  return missing;
}

}  // namespace

MonthRange NeededMonths(TimePoint now, std::chrono::months retention) {
  const std::chrono::year_month_day today{std::chrono::floor<std::chrono::days>(now)};
  const std::chrono::year_month month{today.year(), today.month()};
  return MonthRange{month - retention, month + kPartitionsAhead};
}

PartitionMonths NeededPartitions(TimePoint now, std::chrono::months reports_retention,
                                 std::chrono::months raw_retention) {
  return {NeededMonths(now, reports_retention),
          NeededMonths(now, std::max(reports_retention, raw_retention)),
          NeededMonths(now, raw_retention)};
}

PgResult<int> EnsurePartitions(Connection& owner, MonthRange months) {
  return EnsureKeptMonths(owner, PartitionMonths{months, months, months});
}

PgResult<int> EnsureKeptMonths(Connection& owner, const PartitionMonths& all) {
  const CrashScope scope("partitions");
  auto existing = owner.Transact(Existing);
  if (!existing) return existing.error();

  int made = 0;
  for (const PartitionedTable& table : kTables) {
    const MonthRange& months = all.*table.months;
    if (Missing(table, months, *existing).empty()) continue;
    // One table, one transaction: a lock on two parents at once could deadlock with a
    // batch that writes to both.
    auto created = owner.Transact([&](Transaction& tx) {
      tx.Exec("LOCK TABLE tlsrptd.schema_version IN SHARE ROW EXCLUSIVE MODE");
      const auto missing = Missing(table, months, Existing(tx));
      for (const auto month : missing) tx.Exec(CreateStatement(table, month));
      return static_cast<int>(missing.size());
    });
    if (!created) return created.error();
    made += *created;
  }
  return made;
}

PgResult<TimePoint> RetentionTime(Connection& owner, TimePoint now) {
  return owner.Transact([&](Transaction& tx) {
    const ResultSet rows = tx.Query("retention_time");
    TimePoint time = std::min(now, rows[0].Timestamp("database_time"));
    if (const auto last_day = rows[0].OptionalDate("last_day")) {
      time = std::min(time, TimePoint(*last_day + kMaxSilence));
    }
    return time;
  });
}

PgResult<std::vector<Partition>> FindExpired(Connection& owner,
                                             const PartitionMonths& kept) {
  return owner.Transact([&](Transaction& tx) {
    std::vector<Partition> expired;
    for (const Row row : tx.Query("partition_sizes")) {
      for (const PartitionedTable& table : kTables) {
        const auto month = MonthOf(table.name, row.Text("name"));
        if (!month || *month >= (kept.*table.months).first) continue;
        expired.push_back(
            {table.name, std::string(row.Text("name")), *month, row.Int64("bytes"), 0});
      }
    }
    for (Partition& partition : expired) {
      if (partition.table != "receipt_raw") continue;
      const auto [first, next] = DaysOf(partition.month);
      partition.quarantined =
          tx.Query("quarantined_between", {first, next})[0].Int64("receipts");
    }
    // The bytes of a month before its receipts: nothing is left that nobody owns.
    std::stable_sort(expired.begin(), expired.end(), [](const auto& a, const auto& b) {
      return std::pair(a.month, a.table != "receipt_raw") <
             std::pair(b.month, b.table != "receipt_raw");
    });
    return expired;
  });
}

PgResult<DroppedPartition> DropPartition(Connection& owner, const Partition& partition,
                                         TimePoint now) {
  const CrashScope scope("retention");
  return owner.Transact([&](Transaction& tx) {
    DroppedPartition dropped;
    tx.Exec("LOCK TABLE tlsrptd.schema_version IN SHARE ROW EXCLUSIVE MODE");
    if (!Existing(tx).contains(partition.name)) return dropped;
    if (partition.table == "receipt_raw") {
      dropped.quarantined = ReleaseQuarantine(tx, partition.month, now);
    }
    tx.Exec("DROP TABLE tlsrptd." + partition.name);
    // After the table, for a batch of an import locks them in this order.
    if (partition.table == "report") {
      tx.Query("imported_body_reports_dropped", {DaysOf(partition.month).second});
    } else if (partition.table == "receipt_raw") {
      tx.Query("imported_body_bytes_dropped", {DaysOf(partition.month).second});
    }
    dropped.dropped = true;
    return dropped;
  });
}

}  // namespace tlsrpt::store
