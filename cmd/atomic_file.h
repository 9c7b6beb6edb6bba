// A file that is there whole or not at all: written beside its place, synced, renamed.
//
// Errors   kUnavailable, with the path; kMalformed where CheckWritableTarget() says so.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace tlsrpt::cmd {

// Refuses a path where something stands that is no regular file: renaming over a device
// or a socket would take it from all who use it. A symbolic link is what it leads to.
Result<void> CheckWritableTarget(const std::string& path);

Result<void> WriteFileAtomically(const std::string& path, std::string_view content);

}  // namespace tlsrpt::cmd
