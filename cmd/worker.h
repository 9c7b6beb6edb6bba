// The part of a daemon that does the work of the table `work`, in a thread of its own. It
// waits while PostgreSQL is away.
#pragma once

#include <memory>

#include "cmd/daemon.h"

namespace tlsrpt::cmd {

std::unique_ptr<DaemonPart> MakeWorker(DaemonBasis& basis);

}  // namespace tlsrpt::cmd
