#include "base/net/dns_cache.h"

#include <algorithm>

namespace tlsrpt::net {
namespace {

std::string KeyOf(const std::string& name, DnsType type) {
  return std::to_string(static_cast<int>(type)) + " " + name;
}

std::size_t BytesOf(const std::string& key, const DnsAnswer& answer) {
  std::size_t bytes = sizeof(DnsAnswer) + 2 * key.size() + answer.why.size();
  for (const std::string& record : answer.records) bytes += record.size();
  return bytes;
}

}  // namespace

DnsCache::DnsCache(std::unique_ptr<Resolver> resolver, DnsCacheOptions options,
                   std::function<Time()> now)
    : options_(options), now_(std::move(now)), resolver_(std::move(resolver)) {}

DnsCache::~DnsCache() { resolver_.reset(); }

std::shared_ptr<const DnsAnswer> DnsCache::Find(const std::string& name, DnsType type) {
  const std::string key = KeyOf(name, type);
  {
    const std::lock_guard lock(mutex_);
    const auto [at, is_new] = entries_.try_emplace(key);
    Entry& entry = at->second;
    if (!is_new) {
      if (entry.answer == nullptr) return nullptr;
      if (now_() < entry.good_until) return entry.answer;
      bytes_ -= entry.bytes;
      entry.answer = nullptr;
      entry.bytes = 0;
    }
    entry.serial = next_serial_++;
    order_.emplace_back(entry.serial, key);
    DropOldest();
  }
  resolver_->Resolve(name, type,
                     [this, key](DnsAnswer answer) { Keep(key, std::move(answer)); });
  // A resolver may know at once.
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : found->second.answer;
}

std::size_t DnsCache::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

void DnsCache::Keep(const std::string& key, DnsAnswer answer) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;  // dropped while it was on its way
  Entry& entry = found->second;
  bytes_ -= entry.bytes;
  entry.bytes = BytesOf(key, answer);
  bytes_ += entry.bytes;
  entry.good_until = GoodUntil(answer);
  entry.answer = std::make_shared<const DnsAnswer>(std::move(answer));
  DropOldest();
}

DnsCache::Time DnsCache::GoodUntil(const DnsAnswer& answer) const {
  switch (answer.status) {
    case DnsAnswer::Status::kFound:
      return now_() + std::clamp(answer.ttl, options_.min_ttl, options_.max_ttl);
    case DnsAnswer::Status::kNone:
      return now_() + std::clamp(answer.ttl, options_.min_ttl, options_.max_negative_ttl);
    // A bogus answer's own TTL is part of what cannot be trusted.
    case DnsAnswer::Status::kBogus:
    case DnsAnswer::Status::kTemporaryFailure:
      break;
  }
  return now_() + options_.failure_ttl;
}

// Places in `order_` that an entry has left behind are passed over.
void DnsCache::DropOldest() {
  while (!order_.empty() &&
         (entries_.size() > options_.max_names || bytes_ > options_.max_bytes ||
          order_.size() > 2 * options_.max_names)) {
    const auto [serial, key] = std::move(order_.front());
    order_.pop_front();
    const auto found = entries_.find(key);
    if (found == entries_.end() || found->second.serial != serial) continue;
    bytes_ -= found->second.bytes;
    entries_.erase(found);
  }
}

}  // namespace tlsrpt::net
