#include "ingest/https/trust.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"

namespace tlsrpt::ingest {
namespace {

// RFC 7239, RFC 9110, 7.6.3, and what proxies used before there were those.
bool IsAddedByProxies(std::string_view header) {
  return EqualsIgnoreCase(header, "Forwarded") || EqualsIgnoreCase(header, "Via") ||
         EqualsIgnoreCase(header, "X-Real-IP") ||
         StartsWithIgnoreCase(header, "X-Forwarded-");
}

}  // namespace

Result<std::vector<net::Network>> ParseTrustedNetworks(
    const std::vector<std::string>& texts) {
  std::vector<net::Network> networks;
  for (const std::string& text : texts) {
    const auto network = net::ParseNetwork(text);
    if (!network) return Wrap(network.error(), "trusted network");
    if (network->prefix_bits == 0) {
      return Error{ErrorKind::kMalformed,
                   "trusted network \"" + text +
                       "\": that is every address, and whoever posts from a trusted "
                       "network can clear a domain; name the networks of your own "
                       "senders, as in 192.0.2.0/24"};
    }
    networks.push_back(*network);
  }
  return networks;
}

bool IsTrusted(const net::HttpRequest& request, std::span<const net::Network> networks) {
  if (!request.tls) return false;
  const bool proxied =
      std::any_of(request.headers.begin(), request.headers.end(),
                  [](const auto& header) { return IsAddedByProxies(header.first); });
  if (proxied) return false;
  return std::any_of(networks.begin(), networks.end(), [&](const net::Network& network) {
    return network.Contains(request.peer.address);
  });
}

}  // namespace tlsrpt::ingest
