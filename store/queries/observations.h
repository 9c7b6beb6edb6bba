// Looks at the live domain out: those a verdict needs, and pages of them.
//
// Errors   PgError of the connection; kInternal (as kOther) for one that cannot be read,
//          with its domain and time: what it hides may be a fault, so nothing is decided
//          without it. kTooLarge: more than kMaxLooks.
// Threads  as the connection.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/model/observation.h"
#include "store/pg/connection.h"

namespace tlsrpt::store {

// A look every half hour for two months in which no two found the same. More would be
// read for every verdict; leaving some out could hide that an MX is new.
inline constexpr std::size_t kMaxLooks = 3000;

// Those of `domain` from the day `first_day` to `until`, oldest first; of those of one
// day that found the same (observation_content.h) the first and the last.
Result<std::vector<Observation>> ReadLooks(Transaction& tx, const std::string& domain,
                                           std::chrono::sys_days first_day,
                                           TimePoint until);

struct StoredObservation {
  std::string node;  // who looked
  Observation observation;
};

// The newest before `before`, at most `limit`, newest first.
PgResult<std::vector<StoredObservation>> ReadObservationPage(Connection& connection,
                                                             const std::string& domain,
                                                             TimePoint before,
                                                             std::size_t limit);

}  // namespace tlsrpt::store
