// The folder of the unix socket. Whoever can enter it is let into the database without a
// password, so it is 0700 and belongs to the service user.
//
// Errors   kUnavailable: a folder of that name belongs to somebody else, or is a link.
// Threads  pure functions of the file system.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "store/embedded/service_user.h"

namespace tlsrpt::store {

// sockaddr_un holds 108 bytes, one of them the final NUL.
inline constexpr std::size_t kMaxSocketPathBytes = 107;
inline constexpr int kEmbeddedPort = 5432;  // only part of the socket's name

// <data_dir>/pg-socket; where the socket's path would be too long or holds a comma, a
// short name made of the data directory's, under /run for root and /tmp for others.
std::filesystem::path SocketDirFor(const std::filesystem::path& data_dir, bool root);

// Makes a 0700 folder for `user`, or makes sure that the one there is such a folder.
Result<void> MakePrivateDir(const std::filesystem::path& folder, const ServiceUser& user);

}  // namespace tlsrpt::store
