// How the domains stand, many at once: pages, counts, and the changes of one.
//
// A status is passed on with whatever speaks against it (Hold), looked up in the same
// statement: work on its domain that waits, a time that has passed, an intake that is
// behind. A `ready` that is held is in state "unknown" here, and never among the ready.
//
// Errors   PgError of the connection; nothing else.
// Threads  as the connection.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "store/model/domain_status.h"
#include "store/model/evidence.h"
#include "store/pg/connection.h"
#include "store/queries/domains.h"

namespace tlsrpt::store {

// Never evaluated, or `ready` and held.
inline constexpr std::string_view kStateUnknown = "unknown";

// What is asked is asked at a time, by somebody who knows how intake stands.
struct FleetMoment {
  TimePoint now;
  bool intake_behind = false;
};

// A status is overdue when it was to be made again so long ago: the domains of a large
// fleet take their turns, and a worker may be restarted meanwhile.
inline constexpr std::chrono::hours kEvaluationGrace{1};
// Clocks of two nodes differ by less; a status from later than that is from a wrong one.
inline constexpr std::chrono::minutes kClockSkew{5};

struct FleetRow {
  DomainRow domain;
  std::optional<DomainStatus> status;  // nothing: never evaluated
  Hold hold = Hold::kNone;

  // The verdict, or "unknown". Empty for a wildcard, which has none.
  std::string_view State() const;
};

struct FleetPageQuestion {
  std::string after;  // a name, exclusive; "": from the first
  std::int64_t limit = 0;
  std::optional<std::set<std::string>> only;  // nothing: all
  std::optional<std::string> state;           // a verdict or "unknown"; nothing: all
  std::string search;                         // part of the name; "": any
};

// By name.
PgResult<std::vector<FleetRow>> ReadFleetPage(Connection& connection,
                                              const FleetPageQuestion& question,
                                              const FleetMoment& moment);

// Nothing: not ours.
PgResult<std::optional<FleetRow>> ReadFleetRow(Connection& connection,
                                               const std::string& domain,
                                               const FleetMoment& moment);

struct FleetCounts {
  std::int64_t domains = 0;                      // wildcards left out
  std::map<std::string, std::int64_t> by_state;  // those with none are absent
  std::int64_t at_risk = 0;                      // of those that enforce
  std::int64_t evaluations_due = 0;              // pieces of work
  std::chrono::seconds oldest_due{0};            // since the oldest of them was due
};

PgResult<FleetCounts> CountFleet(Connection& connection,
                                 const std::optional<std::set<std::string>>& only,
                                 const FleetMoment& moment);

// The newest first; those before number `before`, where it is given.
PgResult<std::vector<StateChange>> ReadStateChanges(Connection& connection,
                                                    const std::string& domain,
                                                    std::optional<std::int64_t> before,
                                                    std::int64_t limit);

}  // namespace tlsrpt::store
