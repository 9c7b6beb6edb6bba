#include "api/rest/host.h"

#include <gtest/gtest.h>

namespace tlsrpt::api {
namespace {

struct Row {
  const char* why;
  const char* host;
  bool ours;
};

const Row kRows[] = {
    {"by name", "localhost:8080", true},
    {"in any case", "LocalHost", true},
    {"by address", "127.0.0.1:8080", true},
    {"IPv6", "[::1]:8080", true},
    {"a proxy's name that is set", "TLSRPT.firm.example:443", true},
    {"DNS rebinding: the page's own name", "evil.example:8080", false},
    {"a name that begins like ours", "localhost.evil.example", false},
    {"one that ends like ours", "evil.example.localhost", false},
    {"an address that begins like ours", "127.0.0.1.evil.example", false},
    {"another IPv6 address", "[::2]", false},
    {"our address, and more behind it", "[::1].evil.example", false},
    {"IPv6 without brackets", "::1", false},
    {"nothing", "", false},
};

TEST(Host, Table) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(IsOurHost(row.host, {"tlsrpt.firm.example"}), row.ours) << row.host;
  }
}

TEST(Origin, OnlyAPageOfTheSameHost) {
  EXPECT_TRUE(IsSameOrigin("", "localhost:8080")) << "no browser";
  EXPECT_TRUE(IsSameOrigin("http://localhost:8080", "localhost:8080"));
  EXPECT_TRUE(IsSameOrigin("https://TLSRPT.example", "tlsrpt.example"));
  EXPECT_FALSE(IsSameOrigin("http://localhost:9090", "localhost:8080"));
  EXPECT_FALSE(IsSameOrigin("http://evil.example", "localhost:8080"));
  EXPECT_FALSE(IsSameOrigin("null", "localhost:8080"));
  EXPECT_FALSE(IsSameOrigin("localhost:8080", "localhost:8080"));
}

}  // namespace
}  // namespace tlsrpt::api
