// A file that is there whole or not at all: written beside its place, synced, renamed.
//
// Errors   kUnavailable, with the path.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace tlsrpt::cmd {

Result<void> WriteFileAtomically(const std::string& path, std::string_view content);

}  // namespace tlsrpt::cmd
