#include "base/net/endpoint.h"

#include <gtest/gtest.h>

namespace tlsrpt::net {
namespace {

struct Row {
  const char* why;
  const char* text;
  const char* want;  // ToString() of the result; empty: kMalformed
};

const Row kRows[] = {
    {"IPv4", "127.0.0.1:25", "127.0.0.1:25"},
    {"any IPv4 address", "0.0.0.0:2525", "0.0.0.0:2525"},
    {"a free port", "127.0.0.1:0", "127.0.0.1:0"},
    {"highest port", "127.0.0.1:65535", "127.0.0.1:65535"},
    {"IPv6", "[2001:DB8::1]:25", "[2001:db8::1]:25"},
    {"any address", "[::]:25", "[::]:25"},
    {"IPv4-mapped is IPv4", "[::ffff:192.0.2.1]:25", "192.0.2.1:25"},
    {"IPv6 without brackets: which part is the port?", "2001:db8::1:25", ""},
    {"IPv4 in brackets", "[127.0.0.1]:25", ""},
    {"no port", "127.0.0.1", ""},
    {"empty port", "127.0.0.1:", ""},
    {"port past 65535", "127.0.0.1:65536", ""},
    {"port with a sign", "127.0.0.1:+25", ""},
    {"no address", ":25", ""},
    {"half a bracket", "[::1:25", ""},
    {"host name", "localhost:25", ""},
    {"short IPv4", "127.1:25", ""},
    {"zone", "[fe80::1%eth0]:25", ""},
    {"blank", " 127.0.0.1:25", ""},
    {"empty", "", ""},
};

TEST(Endpoint, Table) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    const auto got = ParseEndpoint(row.text);
    ASSERT_EQ(got.has_value(), *row.want != '\0');
    if (got) {
      EXPECT_EQ(got->ToString(), row.want);
    } else {
      EXPECT_EQ(got.error().kind, ErrorKind::kMalformed);
      EXPECT_NE(got.error().message.find(row.text), std::string::npos);
    }
  }
}

TEST(IpAddress, V6Prefix) {
  struct Prefix {
    const char* text;
    unsigned bits;
    const char* want;
  };
  const Prefix rows[] = {
      {"2001:db8:1:2:3:4:5:6", 64, "2001:db8:1:2::"},
      {"2001:db8:1:2ff:3:4:5:6", 60, "2001:db8:1:2f0::"},
      {"2001:db8:1:2:3:4:5:6", 128, "2001:db8:1:2:3:4:5:6"},
      {"2001:db8::1", 0, "::"},
      {"192.0.2.1", 64, "192.0.2.1"},
  };
  for (const Prefix& row : rows) {
    SCOPED_TRACE(row.text);
    EXPECT_EQ(IpAddress::Parse(row.text)->V6Prefix(row.bits).ToString(), row.want);
  }
}

TEST(IpAddress, NulEndsNoAddress) {
  EXPECT_FALSE(IpAddress::Parse(std::string_view("127.0.0.1\0x", 11)));
}

}  // namespace
}  // namespace tlsrpt::net
