// What `serve` says on standard output once it listens: where, and what to do next.
#pragma once

#include <cstdint>

#include "base/ops/settings.h"

namespace tlsrpt::cmd {

void PrintFirstSteps(const Settings& settings, std::uint16_t smtp_port);

}  // namespace tlsrpt::cmd
