#include "ingest/flow/dns_wait.h"

#include <algorithm>

namespace tlsrpt::ingest {

std::optional<DnsWait::Turn> DnsWait::Wait(std::int64_t entry_id,
                                           const std::string& domain, std::uint64_t bytes,
                                           bool is_counted_signer) {
  const std::lock_guard lock(mutex_);
  auto at = waiting_.find(entry_id);
  // Of two signatures now the other may be the one to wait for.
  if (at != waiting_.end() && at->second.domain != domain) {
    const int tries = at->second.tries;
    Remove(at);
    at = waiting_.emplace(entry_id, Waiting{domain, 0, tries, is_counted_signer}).first;
    ++per_domain_[domain];
  }
  if (at == waiting_.end()) {
    const auto of_domain = per_domain_.find(domain);
    const std::size_t others = of_domain == per_domain_.end() ? 0 : of_domain->second;
    if (bytes_ + bytes > limits_.max_bytes) return std::nullopt;
    if (!is_counted_signer && (others >= limits_.max_per_domain ||
                               strangers_bytes_ + bytes > limits_.max_bytes / 2)) {
      return std::nullopt;
    }
    at = waiting_.emplace(entry_id, Waiting{domain, 0, 0, is_counted_signer}).first;
    ++per_domain_[domain];
  }
  Waiting& entry = at->second;
  bytes_ += bytes - entry.bytes;
  if (!entry.is_counted_signer) strangers_bytes_ += bytes - entry.bytes;
  entry.bytes = bytes;
  ++entry.tries;
  auto back_off = limits_.first_back_off;
  for (int i = 1; i < entry.tries && back_off < limits_.last_back_off; ++i) back_off *= 2;
  return Turn{std::min(back_off, limits_.last_back_off), entry.tries};
}

void DnsWait::Forget(std::int64_t entry_id) {
  const std::lock_guard lock(mutex_);
  if (const auto at = waiting_.find(entry_id); at != waiting_.end()) Remove(at);
}

std::size_t DnsWait::size() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

void DnsWait::Remove(std::unordered_map<std::int64_t, Waiting>::iterator at) {
  bytes_ -= at->second.bytes;
  if (!at->second.is_counted_signer) strangers_bytes_ -= at->second.bytes;
  const auto of_domain = per_domain_.find(at->second.domain);
  if (--of_domain->second == 0) per_domain_.erase(of_domain);
  waiting_.erase(at);
}

}  // namespace tlsrpt::ingest
