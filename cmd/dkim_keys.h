// Keys of DKIM signatures out of DNS, as the flow asks for them: by those who cannot wait
// (the drain), and by those who can (an import).
//
// Threads  Find() from any thread.
// Lifetime what they are given outlives them.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/net/dns_cache.h"
#include "base/net/resolver.h"
#include "base/net/unbound_resolver.h"
#include "base/ops/settings.h"
#include "base/result.h"
#include "ingest/flow/key_source.h"
#include "ingest/flow/mail_voucher.h"

namespace tlsrpt::cmd {

// Never waits.
class CachedKeys final : public ingest::KeySource {
 public:
  explicit CachedKeys(net::DnsCache& cache) : cache_(cache) {}
  std::optional<ingest::DkimKeyAnswer> Find(const std::string& name) override;

 private:
  net::DnsCache& cache_;
};

// Waits for each name once, as long as the resolver does; that is opened when the first
// is asked for, since most imports need none. After a few failures in a row DNS is taken
// to be away, and a moment passes before anybody waits again: ten thousand mails are not
// to wait five seconds each.
class AwaitedKeys final : public ingest::KeySource {
 public:
  explicit AwaitedKeys(net::ResolverOptions resolver) : options_(std::move(resolver)) {}
  std::optional<ingest::DkimKeyAnswer> Find(const std::string& name) override;

 private:
  ingest::DkimKeyAnswer Ask(const std::string& name);

  const net::ResolverOptions options_;
  std::mutex mutex_;  // one waits, the others wait with it
  std::unique_ptr<net::Resolver> resolver_;
  std::map<std::string, ingest::DkimKeyAnswer> known_;
  int failures_in_a_row_ = 0;
  std::chrono::steady_clock::time_point away_until_{};
};

// What the commands that look at mail again take beside StoreKeys(): AwaitedKeys and
// MailTrustOf() read them.
inline const std::vector<std::string> kLookAgainKeys = {
    "dns.resolver",       "dns.trust_anchor",  "dns.timeout",          "vouch.relays",
    "vouch.authserv_ids", "vouch.inner_hosts", "vouch.exchange_online"};

// As the settings say; the error names the setting that cannot be. kUnavailable as well:
// a trust anchor that is not there.
Result<net::ResolverOptions> ResolverOptionsOf(const Settings& settings);
Result<ingest::MailTrust> MailTrustOf(const Settings& settings);

}  // namespace tlsrpt::cmd
