#include "store/queries/node_counters.h"

namespace tlsrpt::store {

PgResult<std::map<std::string, std::int64_t>> ReadNodeCounters(Connection& connection,
                                                               const std::string& node) {
  return connection.Transact([&](Transaction& tx) {
    std::map<std::string, std::int64_t> counters;
    for (const Row row : tx.Query("node_counters", {node})) {
      counters.emplace(row.Text("name"), row.Int64("value"));
    }
    return counters;
  });
}

}  // namespace tlsrpt::store
