// What /metrics says: brings in what is known elsewhere - the spool, the ports of the
// intake, the counters of this
// node in the database, the verdicts of the domains that are to have one - and gives the
// text of all metrics of the process.
//
// Counters are a node's own, so that a sum over processes counts nothing twice: a process
// without a spool has none.
//
// Threads  any; the connection is the caller's own.
#pragma once

#include <string>

#include "api/readiness/settings.h"
#include "cmd/daemon.h"
#include "store/pg/connection.h"

namespace tlsrpt::cmd {

// `connection` is null while the database is away. The counters of the node stand then,
// for they do not go down. What the database said of domains is left out of the text,
// whether it is away or could not answer: a `ready` of then must not pass for one of now,
// and Prometheus ends a series that it does not meet. NaN would stay in every sum over
// the series instead.
std::string Scrape(DaemonBasis& basis, const api::ReadinessSettings& rules,
                   store::Connection* connection);

}  // namespace tlsrpt::cmd
