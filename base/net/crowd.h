// Who holds a place of all and says nothing gives it up when places run short: while more
// than three quarters of the connections that may be are open, nothing is waited for
// longer than `crowded_timeout`, what has been waited for before included.
//
// A connection has `stream` and `peer_deadline`: until when its peer is waited for, to
// speak, to shake hands or to read; nothing while it is not.
//
// What is waited for may take several reads: a command, a head. That a byte of it came is
// no reason to wait anew, or one byte now and then would hold a place for ever. So the
// owner goes on with what the deadline was in the end: StopWaiting() gives it.
//
// Threads  the thread that runs the connections.
// Lifetime the limits outlive it.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "base/net/connection_limits.h"
#include "base/net/stream.h"

namespace tlsrpt::net {

class Crowd {
 public:
  Crowd(const ConnectionLimits& limits, std::chrono::milliseconds crowded_timeout)
      : limits_(limits), crowded_timeout_(crowded_timeout) {}

  // For what the stream does next.
  template <class Connection>
  void WaitUntil(Connection& c, std::chrono::steady_clock::time_point deadline) const {
    if (limits_.IsCrowded()) deadline = std::min(deadline, Soon());
    c.peer_deadline = deadline;
    c.stream->SetDeadline(deadline);
  }

  // After it.
  template <class Connection>
  static std::chrono::steady_clock::time_point StopWaiting(Connection& c) {
    return *std::exchange(c.peer_deadline, std::nullopt);
  }

  // After one more was let in.
  template <class Connections>
  void HurryAll(const Connections& connections) const {
    if (!limits_.IsCrowded()) return;
    const auto soon = Soon();
    for (auto* c : connections) {
      if (!c->peer_deadline || *c->peer_deadline <= soon) continue;
      c->peer_deadline = soon;
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
