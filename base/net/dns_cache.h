// Answers of DNS for those who cannot wait: what is known is given at once, what is not
// is asked for, once at a time, and is there when somebody comes back.
//
// An answer is kept for its TTL, between the bounds below; a failure for a moment, so
// that a thousand mails of one sender ask once. Bounded in names and bytes: the oldest
// goes first.
//
// Threads  every function from any thread. A cached answer costs a lock and a look-up.
// Lifetime the resolver is the cache's own: it ends first, so that nobody is called late.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/net/resolver.h"

namespace tlsrpt::net {

struct DnsCacheOptions {
  // An answer that was gone when the asker came back would be asked for for ever.
  std::chrono::seconds min_ttl{30};
  // RFC 8767, 4 has a week as the most; a day lets a rotated key be seen.
  std::chrono::seconds max_ttl = std::chrono::hours(24);
  // "No such key" of a sender that is just publishing it. RFC 2308, 5 allows up to 3 h.
  std::chrono::seconds max_negative_ttl = std::chrono::minutes(15);
  // Whoever waits comes back later than this, and then DNS is asked again.
  std::chrono::milliseconds failure_ttl{500};
  // Some hundred reporters with a few keys each; strangers' names wash through.
  std::size_t max_names = 10'000;
  std::size_t max_bytes = 8u << 20;
};

class DnsCache {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit DnsCache(std::unique_ptr<Resolver> resolver, DnsCacheOptions options = {},
                    std::function<Time()> now = std::chrono::steady_clock::now);
  ~DnsCache();

  // Null while the answer is on its way; the first such call asks for it.
  std::shared_ptr<const DnsAnswer> Find(const std::string& name, DnsType type);

  std::size_t size() const;

 private:
  struct Entry {
    std::shared_ptr<const DnsAnswer> answer;  // null: asked for
    Time good_until;
    std::size_t bytes = 0;
    std::uint64_t serial = 0;  // which of the places in `order_` is its
  };

  void Keep(const std::string& key, DnsAnswer answer);
  Time GoodUntil(const DnsAnswer& answer) const;
  void DropOldest();

  const DnsCacheOptions options_;
  const std::function<Time()> now_;

  mutable std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
  std::deque<std::pair<std::uint64_t, std::string>> order_;  // of asking
  std::uint64_t next_serial_ = 0;
  std::size_t bytes_ = 0;

  std::unique_ptr<Resolver> resolver_;  // last: it calls back while it ends
};

}  // namespace tlsrpt::net
