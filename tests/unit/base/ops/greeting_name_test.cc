#include "base/ops/greeting_name.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace tlsrpt::ops {
namespace {

using namespace std::string_view_literals;

struct Row {
  const char* why;
  std::string_view name;
  bool want;
};

const Row kRows[] = {
    {"a host", "mx.firm.example", true},
    {"a machine without a domain", "vm", true},
    {"in any case, digits, hyphens", "MX-1.4firm.Example", true},
    {"underscores, as some machines have", "my_vm.firm.example", true},
    {"IPv4 (RFC 5321, 4.1.3)", "[192.0.2.1]", true},
    {"IPv6", "[IPv6:2001:db8::1]", true},
    {"IPv6, the tag in any case", "[ipv6:::1]", true},
    {"empty", "", false},
    {"blank", " ", false},
    {"two words", "mx firm.example", false},
    {"a blank behind it", "mx.firm.example ", false},
    {"a line end, which splits the answer", "mx\n250-X.firm.example", false},
    {"a line end of SMTP behind it", "mx.firm.example\r\n", false},
    {"a NUL", "mx\0.firm.example"sv, false},
    {"not ASCII: A-labels are wanted",
     "b\xC3\xBC"
     "cher.example",
     false},
    {"an empty label", "mx..example", false},
    {"a dot before it", ".firm.example", false},
    {"a dot behind it", "mx.firm.example.", false},
    {"with a port", "mx.firm.example:25", false},
    {"nothing in brackets", "[]", false},
    {"half a bracket", "[", false},
    {"a name in brackets", "[mx.firm.example]", false},
    {"IPv4 that is none", "[192.0.2.256]", false},
    {"IPv4 with something behind it", "[192.0.2.1\0x]"sv, false},
    {"IPv6 without its tag", "[2001:db8::1]", false},
    {"IPv6 that is none", "[IPv6:2001:db8:::1]", false},
    {"IPv4 with the tag of IPv6", "[IPv6:192.0.2.1]", false},
};

TEST(GreetingName, Table) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    const auto checked = CheckGreetingName(row.name);
    ASSERT_EQ(checked.has_value(), row.want);
    if (checked) continue;
    EXPECT_EQ(checked.error().kind, ErrorKind::kMalformed);
  }
}

TEST(GreetingName, AsLongAsANameInDns) {
  EXPECT_TRUE(CheckGreetingName(std::string(255, 'a')));
  EXPECT_FALSE(CheckGreetingName(std::string(256, 'a')));
}

}  // namespace
}  // namespace tlsrpt::ops
