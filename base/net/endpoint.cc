#include "base/net/endpoint.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include "base/text.h"

namespace tlsrpt::net {

IpAddress IpAddress::FromV4(const std::array<std::uint8_t, 4>& bytes) {
  IpAddress address;
  std::copy(bytes.begin(), bytes.end(), address.bytes_.begin());
  return address;
}

IpAddress IpAddress::FromV6(const std::array<std::uint8_t, 16>& bytes) {
  constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (std::equal(std::begin(kMapped), std::end(kMapped), bytes.begin())) {
    return FromV4({bytes[12], bytes[13], bytes[14], bytes[15]});
  }
  IpAddress address;
  address.is_v4_ = false;
  address.bytes_ = bytes;
  return address;
}

std::optional<IpAddress> IpAddress::Parse(std::string_view text) {
  const std::string terminated(text);
  if (terminated.find('\0') != terminated.npos) return std::nullopt;
  std::array<std::uint8_t, 4> v4;
  if (inet_pton(AF_INET, terminated.c_str(), v4.data()) == 1) return FromV4(v4);
  std::array<std::uint8_t, 16> v6;
  if (inet_pton(AF_INET6, terminated.c_str(), v6.data()) == 1) return FromV6(v6);
  return std::nullopt;
}

IpAddress IpAddress::V6Prefix(unsigned bits) const {
  IpAddress prefix = *this;
  if (is_v4_) return prefix;
  for (unsigned i = 0; i < 16; ++i) {
    const unsigned kept = bits > i * 8 ? std::min(bits - i * 8, 8u) : 0;
    prefix.bytes_[i] = static_cast<std::uint8_t>(bytes_[i] & (0xFF00u >> kept));
  }
  return prefix;
}

std::string IpAddress::ToString() const {
  char text[INET6_ADDRSTRLEN];
  inet_ntop(is_v4_ ? AF_INET : AF_INET6, bytes_.data(), text, sizeof text);
  return text;
}

std::string Endpoint::ToString() const {
  const std::string text = address.ToString();
  return (address.IsV4() ? text : "[" + text + "]") + ":" + std::to_string(port);
}

Result<Endpoint> ParseEndpoint(std::string_view text) {
  const Error malformed{ErrorKind::kMalformed,
                        "address \"" + std::string(text) +
                            "\": write ADDRESS:PORT with an IP address, as in "
                            "127.0.0.1:25, 0.0.0.0:25 or [::]:25"};
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos) return malformed;
  const auto port = ParseUnsigned(text.substr(colon + 1));
  if (!port || *port > 65535) return malformed;

  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  // Without brackets the last group of an IPv6 address would be taken for the port.
  const bool is_v6 = host.find(':') != host.npos;
  const auto address = IpAddress::Parse(host);
  if (!address || is_v6 != bracketed) return malformed;
  return Endpoint{*address, static_cast<std::uint16_t>(*port)};
}

}  // namespace tlsrpt::net
