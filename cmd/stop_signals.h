// SIGTERM and SIGINT as something to wait for. Made first in a daemon: every thread made
// later inherits the mask, so that a signal reaches the one that waits.
#pragma once

#include <signal.h>

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

  // Returns when told to stop.
  void Wait() const {
    int signal = 0;
    while (sigwait(&set_, &signal) != 0) continue;
  }

 private:
  sigset_t set_;
};

}  // namespace tlsrpt::cmd
