// SIGTERM, SIGINT and SIGHUP as something to wait for. Made first in a daemon: every
// thread made later inherits the mask, so that a signal reaches the one that waits.
#pragma once

#include <signal.h>

namespace tlsrpt::cmd {

class StopSignals {
 public:
  StopSignals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGINT);
    sigaddset(&set_, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    // A client that goes away is an error of one write, not of the process.
    signal(SIGPIPE, SIG_IGN);
  }

  // Returns when told to stop; calls `reload` at each SIGHUP.
  template <class Reload>
  void Wait(const Reload& reload) const {
    for (int signal = 0;;) {
      if (sigwait(&set_, &signal) != 0) continue;
      if (signal != SIGHUP) return;
      reload();
    }
  }

  // Whether Wait() would return at once.
  bool MustStop() const {
    sigset_t pending;
    sigpending(&pending);
    return sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1;
  }

 private:
  sigset_t set_;
};

}  // namespace tlsrpt::cmd
