// The parts of a daemon that answer over HTTP: the API with the page, and a listener for
// health checks and metrics alone.
#pragma once

#include <memory>

#include "cmd/daemon.h"

namespace tlsrpt::cmd {

// Listens on api.listen. Anywhere but on the loopback it refuses to start without a
// token; where the database is away at the start, it answers 503 until it has seen one.
std::unique_ptr<DaemonPart> MakeApiServer(DaemonBasis& basis);

// Whether /readyz is 200 while the database is away: an intake's is, since it spools.
enum class ReadyWithoutDatabase { kNo, kYes };

// Listens on health.listen; does nothing where that is empty.
std::unique_ptr<DaemonPart> MakeHealthServer(DaemonBasis& basis,
                                             ReadyWithoutDatabase ready);

}  // namespace tlsrpt::cmd
