#include "cmd/standard_output.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <iostream>

namespace tlsrpt::cmd {
namespace {

bool ReaderHasGone() {
  pollfd output{.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
  return poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0;
}

}  // namespace

bool FlushStandardOutput() {
  errno = 0;
  std::cout.flush();
  const bool written = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
  int why = errno;
  if (written || ReaderHasGone()) return true;
  if (why == 0) {
    // Lost before, and the reason with it. One line end more, after what is cut short
    // anyhow, meets the same.
    if (write(STDOUT_FILENO, "\n", 1) < 0) why = errno;
  }
  errno = why;
  return false;
}

}  // namespace tlsrpt::cmd
