// IP addresses and ports as values: what a listener is told, what a peer is called.
//
// Without Asio, so that settings, logs and limits can use them for nothing.
//
// Errors   kMalformed: not ADDRESS:PORT; the message names the input and the remedy.
// Threads  values and pure functions.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tlsrpt::net {

class IpAddress {
 public:
  // 0.0.0.0
  IpAddress() = default;

  static IpAddress FromV4(const std::array<std::uint8_t, 4>& bytes);
  // An IPv4-mapped address (RFC 4291, 2.5.5.2), which is what a dual-stack socket gives
  // for an IPv4 peer, becomes the IPv4 address: one host has one name.
  static IpAddress FromV6(const std::array<std::uint8_t, 16>& bytes);
  // Dotted decimal or RFC 4291, 2.2 text; no brackets, no zone.
  static std::optional<IpAddress> Parse(std::string_view text);

  bool IsV4() const { return is_v4_; }
  // IPv4: the first four.
  const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }

  // The first `bits` of an IPv6 address, the rest zero. IPv4 as it is.
  IpAddress V6Prefix(unsigned bits) const;

  std::string ToString() const;

  auto operator<=>(const IpAddress&) const = default;

 private:
  bool is_v4_ = true;
  std::array<std::uint8_t, 16> bytes_{};
};

struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;

  // "192.0.2.1:25", "[2001:db8::1]:25"
  std::string ToString() const;

  auto operator<=>(const Endpoint&) const = default;
};

// "192.0.2.1:25" or "[2001:db8::1]:25"; port 0 asks the system for a free one. Host
// names are refused: which of their addresses would be meant is a guess.
Result<Endpoint> ParseEndpoint(std::string_view text);

}  // namespace tlsrpt::net
