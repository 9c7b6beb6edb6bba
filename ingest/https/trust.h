// Which posts come straight from a network that the administrator trusts. He vouches for
// them (provenance operator), so this errs on the side of no.
//
// What a proxy passes on is not from the peer that we see, and what a header says of the
// real one anybody can write. So a request with any header that proxies add is not
// trusted, whatever its peer.
//
// Errors   kMalformed: no network, or all of them; the message says which and the remedy.
// Threads  pure functions.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/net/http_message.h"
#include "base/net/network.h"
#include "base/result.h"

namespace tlsrpt::ingest {

// 0.0.0.0/0 and ::/0 are refused: they would let anybody clear a domain.
Result<std::vector<net::Network>> ParseTrustedNetworks(
    const std::vector<std::string>& texts);

bool IsTrusted(const net::HttpRequest& request, std::span<const net::Network> networks);

}  // namespace tlsrpt::ingest
