// SIGINT and SIGTERM as a wish to stop, for a call that can stop in good order. The
// second one ends the process, as it would have without this.
//
// Threads  make one, in the main thread, before there are others.
#pragma once

#include <signal.h>

namespace tlsrpt::cmd {

class Interrupt {
 public:
  Interrupt() {
    struct sigaction action {};
    action.sa_handler = [](int signal) { wanted_ = signal; };
    // Not SA_RESTART: whoever waits for input is to look up.
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
  }

  // The signal that came; 0 while none has.
  int Signal() const { return wanted_; }

 private:
  static inline volatile sig_atomic_t wanted_ = 0;
};

}  // namespace tlsrpt::cmd
