#include "base/net/connection_limits.h"

#include <gtest/gtest.h>

#include <utility>

namespace tlsrpt::net {
namespace {

IpAddress Ip(const char* text) { return IpAddress::Parse(text).value(); }

TEST(ConnectionLimits, PerPeer) {
  ConnectionLimits limits(10, 2);
  auto first = limits.Take(Ip("192.0.2.1"));
  auto second = limits.Take(Ip("192.0.2.1"));
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(limits.Take(Ip("192.0.2.1")));
  EXPECT_TRUE(limits.Take(Ip("192.0.2.2")));  // and gives it back at once
  first.reset();
  EXPECT_TRUE(limits.Take(Ip("192.0.2.1")));
  EXPECT_EQ(limits.open_count(), 1u);
}

TEST(ConnectionLimits, InAll) {
  ConnectionLimits limits(2, 2);
  auto first = limits.Take(Ip("192.0.2.1"));
  auto second = limits.Take(Ip("192.0.2.2"));
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(limits.Take(Ip("192.0.2.3")));
  second.reset();
  EXPECT_TRUE(limits.Take(Ip("192.0.2.3")));
}

// Whoever has one IPv6 address has 2^64 of them.
TEST(ConnectionLimits, AnIpv6PeerIsItsNetwork) {
  ConnectionLimits limits(10, 1);
  const auto taken = limits.Take(Ip("2001:db8:0:1::1"));
  EXPECT_FALSE(limits.Take(Ip("2001:db8:0:1:ffff::2")));
  EXPECT_TRUE(limits.Take(Ip("2001:db8:0:2::1")));
}

TEST(ConnectionLimits, ALeaseCountsOnceHoweverItMoves) {
  ConnectionLimits limits(10, 10);
  {
    auto taken = limits.Take(Ip("192.0.2.1"));
    const ConnectionLimits::Lease moved = std::move(*taken);
    taken.reset();
    EXPECT_EQ(limits.open_count(), 1u);
  }
  EXPECT_EQ(limits.open_count(), 0u);
}

TEST(ConnectionLimits, ALeaseMayOutliveThem) {
  std::optional<ConnectionLimits> limits(std::in_place, 1, 1);
  const auto taken = limits->Take(Ip("192.0.2.1"));
  limits.reset();
  EXPECT_TRUE(taken);  // ASan looks at its destructor
}

}  // namespace
}  // namespace tlsrpt::net
