// Who holds a place of all and says nothing gives it up when places run short: while more
// than three quarters of the connections that may be are open, no silence lasts longer
// than `crowded_timeout`, one that has begun before included.
//
// A connection has `stream` and `read_deadline`: until when its peer may be silent, and
// nothing while it is not waited for.
//
// Threads  the thread that runs the connections.
// Lifetime the limits outlive it.
#pragma once

#include <algorithm>
#include <chrono>

#include "base/net/connection_limits.h"
#include "base/net/stream.h"

namespace tlsrpt::net {

class Crowd {
 public:
  Crowd(const ConnectionLimits& limits, std::chrono::milliseconds crowded_timeout)
      : limits_(limits), crowded_timeout_(crowded_timeout) {}

  // For the read that follows.
  template <class Connection>
  void WaitUntil(Connection& c, std::chrono::steady_clock::time_point deadline) const {
    if (limits_.IsCrowded()) deadline = std::min(deadline, Soon());
    c.read_deadline = deadline;
    c.stream->SetDeadline(deadline);
  }

  // After one more was let in.
  template <class Connections>
  void HurryAll(const Connections& connections) const {
    if (!limits_.IsCrowded()) return;
    const auto soon = Soon();
    for (auto* c : connections) {
      if (!c->read_deadline || *c->read_deadline <= soon) continue;
      c->read_deadline = soon;
      c->stream->SetDeadline(soon);
    }
  }

 private:
  std::chrono::steady_clock::time_point Soon() const {
    return std::chrono::steady_clock::now() + crowded_timeout_;
  }

  const ConnectionLimits& limits_;
  const std::chrono::milliseconds crowded_timeout_;
};

}  // namespace tlsrpt::net
