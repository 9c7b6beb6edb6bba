// How many connections may be open, and how many bytes of messages they may hold in
// memory, in all and of one peer.
//
// One stranger with a loop must not use up what everybody shares. An IPv6 peer is its
// /64: that is the least a network hands to one customer (RFC 6177), and counting single
// addresses of it would count nothing.
//
// Units    connections; bytes where the name says so.
// Threads  the one that runs the connections, leases included.
// Lifetime leases may outlive the ConnectionLimits they came from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>

#include "base/net/endpoint.h"

namespace tlsrpt::net {

// One peer may hold this part of what all may: two of the largest messages in 256 MB, and
// hundreds of the usual ones. A half would leave nothing to a third one.
inline constexpr std::uint64_t kPeerShareOfHeldBytes = 4;

struct HeldBytesLimits {
  std::uint64_t max_bytes = std::numeric_limits<std::uint64_t>::max();
  // Of one message: a share is never smaller, or nobody could ever bring one.
  std::uint64_t max_message_bytes = 0;
};

class ConnectionLimits {
  struct State;

 public:
  // Counts as an open connection until it is destroyed, and then holds nothing.
  class Lease {
   public:
    Lease(std::shared_ptr<State> state, const IpAddress& peer);
    Lease(Lease&& other) noexcept = default;
    Lease& operator=(Lease&& other) = delete;
    ~Lease();

    // What this connection holds from now on.
    void Hold(std::uint64_t bytes);
    // Whether all, and those of this peer, stay within their limits with so much more.
    bool HasRoom(std::uint64_t more_bytes = 0) const;

   private:
    std::shared_ptr<State> state_;  // empty once moved from
    IpAddress peer_;
    std::uint64_t held_bytes_ = 0;
  };

  // Where one peer may have every connection, a relay in front or a unix socket, it may
  // hold every byte as well.
  ConnectionLimits(std::size_t max_in_all, std::size_t max_per_peer,
                   HeldBytesLimits held = {});

  // Nothing when one of the limits is reached.
  std::optional<Lease> Take(const IpAddress& peer);

  std::size_t open_count() const;
  // More than three quarters of those that may be are open.
  bool IsCrowded() const;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace tlsrpt::net
