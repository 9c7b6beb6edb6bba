// The real resolver: libunbound, which validates DNSSEC, on a thread of its own.
//
// Errors   kUnavailable: resolv.conf or the trust anchor cannot be read, or libunbound
//          refuses; the message names the file and the remedy.
// Threads  as Resolver.
// Lifetime the destructor answers what is open with kTemporaryFailure.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "base/net/endpoint.h"
#include "base/net/resolver.h"
#include "base/result.h"

namespace tlsrpt::net {

// Where Debian's package dns-root-data keeps the root's keys.
inline constexpr const char* kRootTrustAnchor = "/usr/share/dns/root.key";

struct ResolverOptions {
  // Where questions go; without it, where /etc/resolv.conf says.
  std::optional<Endpoint> server = {};
  // File of DS or DNSKEY records; empty: no validation. The server must pass DNSSEC
  // records on: to a validator, their absence below an anchor is an attack.
  std::string trust_anchor = kRootTrustAnchor;
  // libunbound alone took 17 s to give up on a server that was not there.
  std::chrono::milliseconds timeout = std::chrono::seconds(5);
  // Open at a time; one more is a temporary failure at once. Strangers choose the names
  // and can make each take the whole timeout.
  std::size_t max_queries = 256;
};

// kUnavailable: the file of the trust anchor cannot be read. For those who open a
// resolver later, when that would look as if DNS were away.
Result<void> CheckTrustAnchor(const ResolverOptions& options);

Result<std::unique_ptr<Resolver>> OpenUnboundResolver(const ResolverOptions& options);

}  // namespace tlsrpt::net
