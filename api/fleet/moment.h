// How intake stands, for who reads statuses: while reports wait in a spool, or a node is
// silent, nobody knows what they say, about any domain.
//
// A verdict about one domain is stricter (`intake_settled`: ten seconds). What is under
// way for less than kIntakeLag is the delay of a list.
//
// Errors   PgError of the connection; nothing else.
// Threads  IntakeIsBehind is pure; else as the connection.
#pragma once

#include <chrono>
#include <vector>

#include "api/readiness/settings.h"
#include "base/clock.h"
#include "store/model/evidence.h"
#include "store/pg/connection.h"
#include "store/queries/fleet.h"

namespace tlsrpt::api {

// A batch is stored within a second, and a node says how its spool is every few seconds.
inline constexpr std::chrono::seconds kIntakeLag{60};

bool IntakeIsBehind(const std::vector<store::IntakeState::Node>& nodes,
                    const ReadinessSettings& settings, TimePoint now);

store::PgResult<store::FleetMoment> ReadMoment(store::Connection& connection,
                                               const ReadinessSettings& settings,
                                               TimePoint now);

}  // namespace tlsrpt::api
