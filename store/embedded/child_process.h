// Starts a program as another user, tied to our own life: when the thread that started
// it ends, the kernel sends it a signal.
//
// Errors   kUnavailable: fork or exec failed; the message names the program.
// Threads  The signal at parent's death follows the forking THREAD, not the process:
//          start what must live from a thread that lives as long.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/embedded/service_user.h"

namespace tlsrpt::store {

struct ChildOptions {
  std::vector<std::string> command;  // the program first, as a path
  ServiceUser user;
  int signal_at_parents_death = 0;
  // Gets stdout and stderr; emptied first.
  std::filesystem::path output;
};

// The process id. The child has its own session, an environment of almost nothing (what
// stands in PGDATA or PGOPTIONS is not for it), no open files and `/` as its folder.
Result<pid_t> StartChild(const ChildOptions& options);

// Waits for the end; 0 for exit status 0, and -1 for a signal.
int WaitForChild(pid_t child);

// The last part of `file`, for a message.
std::string TailOf(const std::filesystem::path& file);

}  // namespace tlsrpt::store
