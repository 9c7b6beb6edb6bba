#include "api/fleet/moment.h"

#include <algorithm>

#include "store/queries/evidence.h"

namespace tlsrpt::api {

bool IntakeIsBehind(const std::vector<store::IntakeState::Node>& nodes,
                    const ReadinessSettings& settings, TimePoint now) {
  return std::any_of(
      nodes.begin(), nodes.end(), [&](const store::IntakeState::Node& node) {
        // Of the future: one of the two clocks is wrong.
        if (std::chrono::abs(now - node.heartbeat_at) > settings.max_heartbeat_age) {
          return true;
        }
        if (node.oldest_entry_at) {
          // Later than the heartbeat: that node's clock was set back meanwhile, and
          // nobody knows since when it waits.
          return *node.oldest_entry_at > node.heartbeat_at ||
                 now - *node.oldest_entry_at > kIntakeLag;
        }
        return node.spool_depth > 0;  // something waits, and nobody knows since when
      });
}

store::PgResult<store::FleetMoment> ReadMoment(store::Connection& connection,
                                               const ReadinessSettings& settings,
                                               TimePoint now) {
  const auto nodes = connection.Transact(
      [](store::Transaction& tx) { return store::ReadIntakeNodes(tx); });
  if (!nodes) return nodes.error();
  return store::FleetMoment{now, IntakeIsBehind(*nodes, settings, now)};
}

}  // namespace tlsrpt::api
