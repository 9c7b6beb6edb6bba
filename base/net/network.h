// A network as an administrator writes it: 192.0.2.0/24, 2001:db8::/32.
//
// Errors   kMalformed: no such network; the message names the input and the remedy.
// Threads  values and pure functions.
#pragma once

#include <string>
#include <string_view>

#include "base/net/endpoint.h"
#include "base/result.h"

namespace tlsrpt::net {

struct Network {
  IpAddress address;  // the first of it
  unsigned prefix_bits = 0;

  bool Contains(const IpAddress& other) const;
  std::string ToString() const;

  auto operator<=>(const Network&) const = default;
};

// ADDRESS/BITS, or an address alone, which is a network of one. An address with bits set
// behind the prefix is refused: 192.0.2.77/24 is either a slip or a guess. An IPv4
// network written as an IPv6 one (::ffff:192.0.2.0/120) is the IPv4 network.
Result<Network> ParseNetwork(std::string_view text);

}  // namespace tlsrpt::net
