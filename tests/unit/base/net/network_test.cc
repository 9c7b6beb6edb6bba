#include "base/net/network.h"

#include <gtest/gtest.h>

namespace tlsrpt::net {
namespace {

struct ParseRow {
  const char* why;
  const char* text;
  const char* want;  // empty: kMalformed
};

const ParseRow kParseRows[] = {
    {"IPv4", "192.0.2.0/24", "192.0.2.0/24"},
    {"IPv6", "2001:db8::/32", "2001:db8::/32"},
    {"a prefix that ends inside a byte", "198.51.100.192/27", "198.51.100.192/27"},
    {"an address alone", "192.0.2.7", "192.0.2.7/32"},
    {"an IPv6 address alone", "::1", "::1/128"},
    {"everything", "0.0.0.0/0", "0.0.0.0/0"},
    {"everything, IPv6", "::/0", "::/0"},
    {"IPv4 in IPv6", "::ffff:192.0.2.0/120", "192.0.2.0/24"},
    {"all of IPv4 in IPv6 is all of IPv4", "::ffff:0.0.0.0/96", "0.0.0.0/0"},
    {"wider than IPv4 in IPv6", "::ffff:0.0.0.0/95", ""},
    {"bits behind the prefix", "192.0.2.77/24", ""},
    {"bits behind the prefix, IPv6", "2001:db8::1/32", ""},
    {"too many bits", "192.0.2.0/33", ""},
    {"too many bits, IPv6", "::/129", ""},
    {"no number", "192.0.2.0/", ""},
    {"a netmask", "192.0.2.0/255.255.255.0", ""},
    {"a sign", "192.0.2.0/+24", ""},
    {"a short address", "10/8", ""},
    {"a name", "localhost", ""},
    {"empty", "", ""},
    {"a blank", "192.0.2.0/24 ", ""},
};

TEST(Network, Parse) {
  for (const ParseRow& row : kParseRows) {
    SCOPED_TRACE(row.why);
    const auto network = ParseNetwork(row.text);
    ASSERT_EQ(network.has_value(), *row.want != '\0');
    if (network) {
      EXPECT_EQ(network->ToString(), row.want);
    } else {
      EXPECT_EQ(network.error().kind, ErrorKind::kMalformed);
      EXPECT_NE(network.error().message.find('"' + std::string(row.text) + '"'),
                std::string::npos);
    }
  }
}

struct ContainsRow {
  const char* network;
  const char* address;
  bool want;
};

const ContainsRow kContainsRows[] = {
    {"192.0.2.0/24", "192.0.2.0", true},
    {"192.0.2.0/24", "192.0.2.255", true},
    {"192.0.2.0/24", "192.0.3.0", false},
    {"192.0.2.0/24", "::ffff:192.0.2.1", true},  // the same host
    {"192.0.2.0/24", "2001:db8::1", false},
    {"198.51.100.192/27", "198.51.100.223", true},
    {"198.51.100.192/27", "198.51.100.224", false},
    {"192.0.2.7", "192.0.2.7", true},
    {"192.0.2.7", "192.0.2.6", false},
    {"2001:db8::/32", "2001:db8:ffff::1", true},
    {"2001:db8::/32", "2001:db9::", false},
    {"::/0", "192.0.2.1", false},
    {"0.0.0.0/0", "255.255.255.255", true},
};

TEST(Network, Contains) {
  for (const ContainsRow& row : kContainsRows) {
    SCOPED_TRACE(std::string(row.network) + " " + row.address);
    EXPECT_EQ(ParseNetwork(row.network)->Contains(*IpAddress::Parse(row.address)),
              row.want);
  }
}

}  // namespace
}  // namespace tlsrpt::net
