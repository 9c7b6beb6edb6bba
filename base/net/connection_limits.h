// How many connections may be open, in all and from one peer.
//
// One stranger with a loop must not use up what everybody shares. An IPv6 peer is its
// /64: that is the least a network hands to one customer (RFC 6177), and counting single
// addresses of it would count nothing.
//
// Units    connections.
// Threads  any thread.
// Lifetime leases may outlive the ConnectionLimits they came from.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "base/net/endpoint.h"

namespace tlsrpt::net {

class ConnectionLimits {
  struct State;

 public:
  // Counts as an open connection until it is destroyed.
  class Lease {
   public:
    Lease(std::shared_ptr<State> state, const IpAddress& peer);
    Lease(Lease&& other) noexcept = default;
    Lease& operator=(Lease&& other) = delete;
    ~Lease();

   private:
    std::shared_ptr<State> state_;  // empty once moved from
    IpAddress peer_;
  };

  ConnectionLimits(std::size_t max_in_all, std::size_t max_per_peer);

  // Nothing when one of the limits is reached.
  std::optional<Lease> Take(const IpAddress& peer);

  std::size_t open_count() const;
  // More than three quarters of those that may be are open.
  bool IsCrowded() const;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace tlsrpt::net
