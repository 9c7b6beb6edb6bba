// The part of a daemon that evaluates domains (api/fleet), in a thread of its own, so
// that a long rework keeps no domain waiting. It waits while PostgreSQL is away.
#pragma once

#include <memory>

#include "api/fleet/evaluator.h"
#include "cmd/daemon.h"

namespace tlsrpt::cmd {

std::unique_ptr<DaemonPart> MakeEvaluation(DaemonBasis& basis);

// The evaluator of this process; `clock`, `log` and `metrics` outlive it.
std::unique_ptr<api::Evaluator> MakeEvaluator(const Database& database,
                                              const Settings& settings,
                                              const Clock& clock, Logger& log,
                                              Metrics& metrics);

}  // namespace tlsrpt::cmd
