// What a daemon says on standard output once it listens: where, and what to do next. The
// commands in it work as they stand, in another terminal of the same user and folder.
#pragma once

#include <cstdint>

#include "base/ops/settings.h"

namespace tlsrpt::cmd {

void PrintFirstSteps(const Settings& settings, std::uint16_t smtp_port);

// Where the page is. Others than this machine need a token to see anything on it.
void PrintPage(const Settings& settings, std::uint16_t port, bool on_loopback);

}  // namespace tlsrpt::cmd
