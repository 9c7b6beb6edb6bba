// Asks for one domain's verdict: reads its evidence and decides. The command line and the
// API both ask here, so that they cannot answer differently.
//
// Errors   PgError of the connection; nothing else. Absence of evidence is a verdict.
// Threads  as the connection, which has the role tlsrptd_api.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "api/readiness/settings.h"
#include "api/readiness/verdict.h"
#include "base/clock.h"
#include "store/pg/connection.h"

namespace tlsrpt::api {

struct ReadinessQuestion {
  std::string domain;              // normalised, and ours
  std::set<std::string> mx_hosts;  // its own and those of every domain
  TimePoint as_of;                 // the time that is asked about
  TimePoint asked_at;              // now
  // Only what had been received by then.
  std::optional<TimePoint> known_at;
};

// Who is counted comes from the database: the shipped profiles, and the
// administrator's.
store::PgResult<Verdict> AskReadiness(store::Connection& connection,
                                      const ReadinessQuestion& question,
                                      ReadinessSettings settings);

}  // namespace tlsrpt::api
