#include "store/admin/nodes.h"

namespace tlsrpt::store {

PgResult<std::vector<NodeRow>> ReadNodes(Connection& connection) {
  return connection.Transact([](Transaction& tx) {
    std::vector<NodeRow> nodes;
    for (const Row row : tx.Query("nodes")) {
      nodes.push_back({.node = std::string(row.Text("node")),
                       .spool_id = row.Uuid("spool_id"),
                       .heartbeat_at = row.Timestamp("heartbeat_at"),
                       .started_at = row.Timestamp("started_at"),
                       .version = std::string(row.Text("version")),
                       .spool_depth = row.Int64("spool_depth"),
                       .spool_waiting = row.Int64("spool_waiting"),
                       .spool_oldest_at = row.OptionalTimestamp("spool_oldest_at")});
    }
    return nodes;
  });
}

PgResult<bool> RemoveNode(Connection& connection, const NodeRow& row) {
  return connection.Transact([&](Transaction& tx) {
    return tx.Query("node_remove", {row.node, row.spool_id, row.heartbeat_at})
               .AffectedRows() > 0;
  });
}

}  // namespace tlsrpt::store
