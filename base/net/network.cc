#include "base/net/network.h"

#include <algorithm>

#include "base/text.h"

namespace tlsrpt::net {
namespace {

unsigned BitsOf(const IpAddress& address) { return address.IsV4() ? 32 : 128; }

// ::ffff:0:0/96, RFC 4291, 2.5.5.2.
constexpr unsigned kMappedBits = 96;

IpAddress FirstOf(const IpAddress& address, unsigned bits) {
  if (!address.IsV4()) return address.V6Prefix(bits);
  std::array<std::uint8_t, 4> bytes{};
  for (unsigned i = 0; i < bytes.size(); ++i) {
    const unsigned kept = bits > i * 8 ? std::min(bits - i * 8, 8u) : 0;
    bytes[i] = static_cast<std::uint8_t>(address.bytes()[i] & (0xFF00u >> kept));
  }
  return IpAddress::FromV4(bytes);
}

}  // namespace

bool Network::Contains(const IpAddress& other) const {
  return other.IsV4() == address.IsV4() && FirstOf(other, prefix_bits) == address;
}

std::string Network::ToString() const {
  return address.ToString() + "/" + std::to_string(prefix_bits);
}

Result<Network> ParseNetwork(std::string_view text) {
  const auto malformed = [&](const std::string& remedy) {
    return Error{ErrorKind::kMalformed,
                 "network \"" + CleanUtf8(text, 100) + "\": " + remedy};
  };
  const std::size_t slash = text.find('/');
  const std::string_view host = text.substr(0, slash);
  const auto address = IpAddress::Parse(host);
  if (!address) return malformed("write ADDRESS/BITS, as in 192.0.2.0/24");
  const bool is_mapped = address->IsV4() && host.find(':') != host.npos;
  const unsigned dropped_bits = is_mapped ? kMappedBits : 0;

  unsigned bits = BitsOf(*address);
  if (slash != text.npos) {
    const auto written = ParseUnsigned(text.substr(slash + 1));
    if (!written || *written > bits + dropped_bits || *written < dropped_bits) {
      return malformed("the number of bits is from " + std::to_string(dropped_bits) +
                       " to " + std::to_string(bits + dropped_bits));
    }
    bits = static_cast<unsigned>(*written) - dropped_bits;
  }
  const Network network{FirstOf(*address, bits), bits};
  if (network.address != *address) {
    return malformed("bits are set behind the prefix; the network is " +
                     network.ToString() + ", the address alone " + address->ToString());
  }
  return network;
}

}  // namespace tlsrpt::net
