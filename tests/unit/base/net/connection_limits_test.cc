#include "base/net/connection_limits.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
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

TEST(ConnectionLimits, BytesOfOnePeer) {
  ConnectionLimits limits(10, 3, {.max_bytes = 4000, .max_message_bytes = 1000});
  auto one = limits.Take(Ip("192.0.2.1"));
  auto two = limits.Take(Ip("192.0.2.1"));
  auto other = limits.Take(Ip("192.0.2.2"));
  one->Hold(600);
  EXPECT_TRUE(two->HasRoom(400));
  EXPECT_FALSE(two->HasRoom(401));
  two->Hold(401);
  EXPECT_FALSE(one->HasRoom());
  EXPECT_TRUE(other->HasRoom(1000));
  two->Hold(400);  // instead of the 401
  EXPECT_TRUE(one->HasRoom());
  one.reset();
  EXPECT_TRUE(two->HasRoom(600));
  EXPECT_FALSE(two->HasRoom(601));
}

TEST(ConnectionLimits, BytesInAll) {
  ConnectionLimits limits(10, 1, {.max_bytes = 4000, .max_message_bytes = 0});
  auto one = limits.Take(Ip("192.0.2.1"));
  auto two = limits.Take(Ip("192.0.2.2"));
  one->Hold(3500);
  EXPECT_TRUE(two->HasRoom(500));
  EXPECT_FALSE(two->HasRoom(501));
  one.reset();
  EXPECT_TRUE(two->HasRoom(501));
}

TEST(ConnectionLimits, TheShareOfOnePeer) {
  struct Row {
    const char* why;
    std::size_t max_per_peer;
    HeldBytesLimits held;
    std::uint64_t want_bytes;
  };
  const Row rows[] = {
      {"a quarter", 9, {4000, 900}, 1000},
      {"the largest message must fit", 9, {4000, 1500}, 1500},
      {"no share is larger than all", 9, {4000, 5000}, 4000},
      {"the only peer there is", 10, {4000, 900}, 4000},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    ConnectionLimits limits(10, row.max_per_peer, row.held);
    const auto lease = limits.Take(Ip("192.0.2.1"));
    EXPECT_TRUE(lease->HasRoom(row.want_bytes));
    EXPECT_FALSE(lease->HasRoom(row.want_bytes + 1));
  }
}

TEST(ConnectionLimits, WhatIsDeclaredMayBeAnything) {
  ConnectionLimits limits(10, 1, {.max_bytes = 4000, .max_message_bytes = 0});
  auto lease = limits.Take(Ip("192.0.2.1"));
  lease->Hold(1);
  EXPECT_FALSE(lease->HasRoom(std::numeric_limits<std::uint64_t>::max()));
}

TEST(ConnectionLimits, ALeaseMayOutliveThem) {
  std::optional<ConnectionLimits> limits(std::in_place, 1, 1);
  const auto taken = limits->Take(Ip("192.0.2.1"));
  limits.reset();
  EXPECT_TRUE(taken);  // ASan looks at its destructor
}

}  // namespace
}  // namespace tlsrpt::net
