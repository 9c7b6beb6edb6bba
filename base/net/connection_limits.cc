#include "base/net/connection_limits.h"

#include <map>
#include <mutex>
#include <utility>

namespace tlsrpt::net {
namespace {

constexpr unsigned kV6PeerBits = 64;

}  // namespace

struct ConnectionLimits::State {
  const std::size_t max_in_all;
  const std::size_t max_per_peer;
  std::mutex mutex;
  std::size_t open_count = 0;
  std::map<IpAddress, std::size_t> open_by_peer;  // no entry for 0
};

ConnectionLimits::Lease::Lease(std::shared_ptr<State> state, const IpAddress& peer)
    : state_(std::move(state)), peer_(peer) {}

ConnectionLimits::Lease::~Lease() {
  if (!state_) return;
  const std::lock_guard lock(state_->mutex);
  --state_->open_count;
  const auto peer = state_->open_by_peer.find(peer_);
  if (--peer->second == 0) state_->open_by_peer.erase(peer);
}

ConnectionLimits::ConnectionLimits(std::size_t max_in_all, std::size_t max_per_peer)
    : state_(new State{max_in_all, max_per_peer, {}, 0, {}}) {}

std::optional<ConnectionLimits::Lease> ConnectionLimits::Take(const IpAddress& address) {
  const IpAddress peer = address.V6Prefix(kV6PeerBits);
  const std::lock_guard lock(state_->mutex);
  if (state_->open_count >= state_->max_in_all) return std::nullopt;
  const auto entry = state_->open_by_peer.find(peer);
  const std::size_t open = entry == state_->open_by_peer.end() ? 0 : entry->second;
  if (open >= state_->max_per_peer) return std::nullopt;
  state_->open_by_peer[peer] = open + 1;
  ++state_->open_count;
  return std::optional<Lease>(std::in_place, state_, peer);
}

std::size_t ConnectionLimits::open_count() const {
  const std::lock_guard lock(state_->mutex);
  return state_->open_count;
}

bool ConnectionLimits::IsCrowded() const {
  return open_count() * 4 > state_->max_in_all * 3;
}

}  // namespace tlsrpt::net
