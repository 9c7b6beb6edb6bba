// The nodes that take reports in, for whoever retires one.
//
// A node that is silent keeps every verdict at "unknown" (intake_settled), for nobody
// knows what its spool still holds. Only a person knows that it is gone for good.
//
// Errors   PgError of the connection; nothing else.
// Threads  as the connection, which has the role tlsrptd_admin.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/uuid.h"
#include "store/pg/connection.h"

namespace tlsrpt::store {

struct NodeRow {
  std::string node;
  Uuid spool_id;
  TimePoint heartbeat_at;
  TimePoint started_at;
  std::string version;
  std::int64_t spool_depth = 0;    // accepted, not committed, when it was last heard of
  std::int64_t spool_waiting = 0;  // of these, for DNS
  std::optional<TimePoint> spool_oldest_at;
};

PgResult<std::vector<NodeRow>> ReadNodes(Connection& connection);

// False: it is not there any more, or has been heard of since `row` was read.
PgResult<bool> RemoveNode(Connection& connection, const NodeRow& row);

}  // namespace tlsrpt::store
