#include "store/schema/partitions.h"

#include <cstdio>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace tlsrpt::store {
namespace {

struct PartitionedTable {
  const char* name;
  const char* storage;  // " WITH (...)", or empty
};

// Read from the index alone, which needs the visibility map: vacuum after 2 % of
// inserts, not 20 %.
constexpr const char* kVacuumEarly =
    " WITH (autovacuum_vacuum_insert_scale_factor = 0.02)";
// Kept in the row up to a page: most mails are 2 to 4 KB, and a TOAST row with an index
// entry of its own would be half of what storing them costs.
constexpr const char* kKeepInRow = " WITH (toast_tuple_target = 8160)";

constexpr PartitionedTable kTables[] = {
    {"receipt", ""},
    {"receipt_raw", kKeepInRow},
    {"report", ""},
    {"policy_result", kVacuumEarly},
    {"failure_detail", ""},
    {"domain_day", kVacuumEarly},
    {"domain_day_failure", ""},
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

PgResult<int> EnsurePartitions(Connection& owner, MonthRange months) {
  auto existing = owner.Transact(Existing);
  if (!existing) return existing.error();

  int made = 0;
  for (const PartitionedTable& table : kTables) {
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

}  // namespace tlsrpt::store
