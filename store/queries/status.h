// The numbers of `tlsrptd status` and /v1/status.
//
// Threads  as the connection.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/uuid.h"
#include "store/pg/connection.h"

namespace tlsrpt::store {

struct StatusTotals {
  int schema_version = 0;  // the newest migration applied
  // One per (reporter, organisation, report-id, period), not per domain; cumulative.
  std::int64_t reports_stored = 0;
  std::int64_t reports_duplicate = 0;    // one per further submission; cumulative
  std::int64_t reports_quarantined = 0;  // held now
  // Of all spools but one, as their nodes last said.
  std::int64_t other_spool_depth = 0;
  std::int64_t other_spool_waiting = 0;
  std::optional<TimePoint> other_spool_oldest_at;
};

// `own_spool`: which the caller can see for itself.
PgResult<StatusTotals> ReadStatus(Connection& connection,
                                  const std::optional<Uuid>& own_spool);

// The newest migration applied; 0: none.
PgResult<int> ReadSchemaVersion(Connection& connection);

}  // namespace tlsrpt::store
