// The numbers of `tlsrptd status` and /v1/status.
//
// Threads  as the connection.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "store/pg/connection.h"

namespace tlsrpt::store {

struct StatusTotals {
  int schema_version = 0;  // the newest migration applied
  // One per (reporter, organisation, report-id, period), not per domain; cumulative.
  std::int64_t reports_stored = 0;
  std::int64_t reports_duplicate = 0;    // one per further submission; cumulative
  std::int64_t reports_quarantined = 0;  // held now
  // Of all nodes but one, as they last said.
  std::int64_t other_spool_depth = 0;
  std::int64_t other_spool_waiting = 0;
  std::optional<TimePoint> other_spool_oldest_at;
};

// `this_node`: whose spool the caller can see for itself.
PgResult<StatusTotals> ReadStatus(Connection& connection, const std::string& this_node);

// The newest migration applied; 0: none.
PgResult<int> ReadSchemaVersion(Connection& connection);

}  // namespace tlsrpt::store
