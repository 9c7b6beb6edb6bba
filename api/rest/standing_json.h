// How a domain stands as lists tell it: the verdict in short, and what speaks against it.
//
// Threads  pure.
#pragma once

#include "api/rest/answer.h"
#include "store/queries/fleet.h"

namespace tlsrpt::api {

// null for a wildcard: no report is about ".example.net". In state "unknown" nothing of
// the last verdict is told that somebody might act on.
Json StandingJson(const store::FleetRow& row);

}  // namespace tlsrpt::api
