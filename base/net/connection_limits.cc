#include "base/net/connection_limits.h"

#include <algorithm>
#include <map>
#include <utility>

namespace tlsrpt::net {
namespace {

constexpr unsigned kV6PeerBits = 64;

std::uint64_t PeerShare(const HeldBytesLimits& held) {
  const std::uint64_t share = held.max_bytes / kPeerShareOfHeldBytes;
  return std::min(held.max_bytes, std::max(share, held.max_message_bytes));
}

// Of one peer, or of all.
struct Use {
  std::size_t open_count = 0;
  std::uint64_t held_bytes = 0;
};

}  // namespace

struct ConnectionLimits::State {
  const std::size_t max_in_all;
  const std::size_t max_per_peer;
  const std::uint64_t max_held_bytes;
  const std::uint64_t max_held_bytes_per_peer;
  Use all;
  std::map<IpAddress, Use> by_peer;  // those with a connection
};

ConnectionLimits::Lease::Lease(std::shared_ptr<State> state, const IpAddress& peer)
    : state_(std::move(state)), peer_(peer) {}

ConnectionLimits::Lease::~Lease() {
  if (!state_) return;
  const auto peer = state_->by_peer.find(peer_);
  --state_->all.open_count;
  state_->all.held_bytes -= held_bytes_;
  peer->second.held_bytes -= held_bytes_;
  if (--peer->second.open_count == 0) state_->by_peer.erase(peer);
}

void ConnectionLimits::Lease::Hold(std::uint64_t bytes) {
  if (bytes == held_bytes_) return;
  for (Use* use : {&state_->all, &state_->by_peer.at(peer_)}) {
    use->held_bytes = use->held_bytes - held_bytes_ + bytes;
  }
  held_bytes_ = bytes;
}

bool ConnectionLimits::Lease::HasRoom(std::uint64_t more_bytes) const {
  const auto fits = [more_bytes](std::uint64_t held_bytes, std::uint64_t max_bytes) {
    return held_bytes <= max_bytes && more_bytes <= max_bytes - held_bytes;
  };
  return fits(state_->all.held_bytes, state_->max_held_bytes) &&
         fits(state_->by_peer.at(peer_).held_bytes, state_->max_held_bytes_per_peer);
}

ConnectionLimits::ConnectionLimits(std::size_t max_in_all, std::size_t max_per_peer,
                                   HeldBytesLimits held)
    : state_(new State{max_in_all,
                       max_per_peer,
                       held.max_bytes,
                       max_per_peer >= max_in_all ? held.max_bytes : PeerShare(held),
                       {},
                       {}}) {}

std::optional<ConnectionLimits::Lease> ConnectionLimits::Take(const IpAddress& address) {
  const IpAddress peer = address.V6Prefix(kV6PeerBits);
  if (state_->all.open_count >= state_->max_in_all) return std::nullopt;
  const auto entry = state_->by_peer.find(peer);
  const std::size_t open = entry == state_->by_peer.end() ? 0 : entry->second.open_count;
  if (open >= state_->max_per_peer) return std::nullopt;
  state_->by_peer[peer].open_count = open + 1;
  ++state_->all.open_count;
  return std::optional<Lease>(std::in_place, state_, peer);
}

std::size_t ConnectionLimits::open_count() const { return state_->all.open_count; }

bool ConnectionLimits::IsCrowded() const {
  return open_count() * 4 > state_->max_in_all * 3;
}

}  // namespace tlsrpt::net
