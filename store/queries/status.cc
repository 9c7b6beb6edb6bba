#include "store/queries/status.h"

namespace tlsrpt::store {

PgResult<StatusTotals> ReadStatus(Connection& connection,
                                  const std::optional<Uuid>& own_spool) {
  return connection.Transact([&](Transaction& tx) {
    StatusTotals totals;
    totals.schema_version = tx.Query("schema_state")[0].Int32("version");
    const ResultSet sums = tx.Query("status_totals");
    totals.reports_stored = sums[0].Int64("reports_stored");
    totals.reports_duplicate = sums[0].Int64("reports_duplicate");
    totals.reports_quarantined = sums[0].Int64("reports_quarantined");
    for (const Row row : tx.Query("nodes")) {
      if (own_spool && row.Uuid("spool_id") == *own_spool) continue;
      totals.other_spool_depth += row.Int64("spool_depth");
      totals.other_spool_waiting += row.Int64("spool_waiting");
      const auto oldest = row.OptionalTimestamp("spool_oldest_at");
      if (oldest &&
          (!totals.other_spool_oldest_at || *oldest < *totals.other_spool_oldest_at)) {
        totals.other_spool_oldest_at = oldest;
      }
    }
    return totals;
  });
}

PgResult<int> ReadSchemaVersion(Connection& connection) {
  return connection.Transact([](Transaction& tx) -> int {
    return tx.Query("schema_state")[0].Int32("version");
  });
}

}  // namespace tlsrpt::store
