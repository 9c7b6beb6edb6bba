// SIGTERM and SIGINT as something to wait for. Made first in a daemon: every thread made
// later inherits the mask, so that a signal reaches the one that waits.
#pragma once

#include <signal.h>

#include <chrono>

namespace tlsrpt::cmd {

class StopSignals {
 public:
  StopSignals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    // A client that goes away is an error of one write, not of the process.
    signal(SIGPIPE, SIG_IGN);
  }

  // True: told to stop.
  bool WaitFor(std::chrono::seconds time) const {
    const timespec timeout{.tv_sec = time.count(), .tv_nsec = 0};
    return sigtimedwait(&set_, nullptr, &timeout) > 0;
  }

 private:
  sigset_t set_;
};

}  // namespace tlsrpt::cmd
