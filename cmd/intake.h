// The part of a daemon that takes reports in: mail is durable in the spool before it is
// acknowledged, and the drain carries it from there to PostgreSQL. It goes on while
// PostgreSQL is away.
#pragma once

#include <memory>

#include "cmd/daemon.h"

namespace tlsrpt::cmd {

std::unique_ptr<DaemonPart> MakeIntake(DaemonBasis& basis);

}  // namespace tlsrpt::cmd
