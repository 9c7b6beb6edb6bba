#include "ingest/https/trust.h"

#include <gtest/gtest.h>

#include <utility>

namespace tlsrpt::ingest {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Row {
  const char* why;
  const char* peer;
  Headers headers;
  bool tls;
  bool want;
};

const Row kRows[] = {
    {"straight from a trusted network", "192.0.2.7", {}, true, true},
    {"over IPv6", "2001:db8::7", {{"Host", "x"}}, true, true},
    {"from elsewhere", "198.51.100.7", {}, true, false},
    {"without TLS", "192.0.2.7", {}, false, false},
    {"passed on", "192.0.2.7", {{"X-Forwarded-For", "203.0.113.9"}}, true, false},
    {"passed on for a trusted host: anybody can write that",
     "192.0.2.7",
     {{"X-Forwarded-For", "192.0.2.8"}},
     true,
     false},
    {"which makes no peer trusted",
     "198.51.100.7",
     {{"X-Forwarded-For", "192.0.2.7"}},
     true,
     false},
    {"Forwarded", "192.0.2.7", {{"Forwarded", "for=203.0.113.9"}}, true, false},
    {"Via", "192.0.2.7", {{"Via", "1.1 proxy"}}, true, false},
    {"in another case", "192.0.2.7", {{"vIA", "1.1 proxy"}}, true, false},
    {"an empty one", "192.0.2.7", {{"X-Forwarded-For", ""}}, true, false},
    {"others of the kind", "192.0.2.7", {{"X-Forwarded-Proto", "https"}}, true, false},
    {"nginx", "192.0.2.7", {{"X-Real-IP", "203.0.113.9"}}, true, false},
    {"a header that only looks like one", "192.0.2.7", {{"Via-Not", "x"}}, true, true},
};

TEST(IsTrusted, Table) {
  const auto networks = ParseTrustedNetworks({"192.0.2.0/24", "2001:db8::/32"});
  ASSERT_TRUE(networks);
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    net::HttpRequest request;
    request.peer.address = *net::IpAddress::Parse(row.peer);
    request.headers = row.headers;
    request.tls = row.tls;
    EXPECT_EQ(IsTrusted(request, *networks), row.want);
    EXPECT_FALSE(IsTrusted(request, {})) << "no network is configured";
  }
}

TEST(ParseTrustedNetworks, RefusesEveryAddress) {
  for (const char* all : {"0.0.0.0/0", "::/0", "::ffff:0.0.0.0/96"}) {
    SCOPED_TRACE(all);
    const auto networks = ParseTrustedNetworks({"192.0.2.0/24", all});
    ASSERT_FALSE(networks);
    EXPECT_EQ(networks.error().kind, ErrorKind::kMalformed);
    EXPECT_NE(networks.error().message.find(all), std::string::npos);
  }
}

TEST(ParseTrustedNetworks, RefusesWhatIsNone) {
  const auto networks = ParseTrustedNetworks({"mail.example"});
  ASSERT_FALSE(networks);
  EXPECT_NE(networks.error().message.find("trusted network"), std::string::npos);
}

}  // namespace
}  // namespace tlsrpt::ingest
