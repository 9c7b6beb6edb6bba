// The rows of `tlsrptd demo`: its domains in, everything of it out.
//
// Whatever lies under a domain that is marked as the demo's is the demo's: intake takes
// nothing for it, and the mark is only ever set on a name under which nothing lies.
//
// Errors   PgError of the connection; kMalformed / kOther for a name that is not free.
// Threads  as the connection, which has the role tlsrptd_owner: no other role deletes
//          receipts.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/pg/connection.h"

namespace tlsrpt::store {

// Removes an earlier demo and marks these domains, each with its MX hosts, as the demo's,
// in one transaction. kMalformed: one of them is configured and not the demo's, or there
// are reports about it.
PgResult<void> BeginDemo(Connection& owner,
                         const std::map<std::string, std::set<std::string>>& domains,
                         TimePoint now);

struct DemoRow {
  std::string domain;
  TimePoint begun_at;
  std::optional<TimePoint> last_look_at;
};

// `with_it` about the domains of the demo: while it runs nobody else removes the demo, or
// is in here. It may write over other connections.
PgResult<void> HoldDemo(
    Connection& owner,
    const std::function<Result<void>(const std::vector<DemoRow>&)>& with_it);

struct RemovedDemo {
  std::vector<std::string> domains;
  std::int64_t receipts = 0;
};

// Every row that the demo brought, its receipts and counters included. No total of
// anybody else changes: the demo is in none. None there: nothing is done.
PgResult<RemovedDemo> RemoveDemo(Connection& owner);

}  // namespace tlsrpt::store
