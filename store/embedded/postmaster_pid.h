// Reads postmaster.pid, which PostgreSQL writes into its cluster: who runs it, and where
// its socket is. Never written or deleted here: PostgreSQL alone knows when it is stale.
//
// Threads  pure functions of the file system.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

namespace tlsrpt::store {

struct PostmasterPid {
  pid_t pid = 0;
  int port = 0;
  std::filesystem::path socket_dir;  // empty while it is starting
  bool stopping = false;             // it lets nobody in any more
};

std::optional<PostmasterPid> ReadPostmasterPid(const std::filesystem::path& cluster);

// True when `pid` is a living process whose folder is `cluster`, as a postmaster's is:
// the number alone may be somebody else's by now.
bool IsPostmasterOf(pid_t pid, const std::filesystem::path& cluster);

// Waits for the end of a process that need not be our child; one that is has ended before
// it is reaped. False after `timeout`.
bool WaitForEnd(pid_t pid, std::chrono::milliseconds timeout);

}  // namespace tlsrpt::store
