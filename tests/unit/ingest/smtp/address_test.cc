#include "ingest/smtp/address.h"

#include <gtest/gtest.h>

#include <string>

namespace tlsrpt::ingest {
namespace {

struct Row {
  const char* why;
  const char* text;
  bool ok;
  const char* address = "";
  const char* local_part = "";
  const char* domain = "";
  const char* rest = "";
};

const Row kRows[] = {
    // RFC 5321, 4.1.2.
    {"mailbox", "<a@b.example>", true, "a@b.example", "a", "b.example"},
    {"null path", "<>", true},
    {"parameters stay", "<a@b.example>  SIZE=1 ", true, "a@b.example", "a", "b.example",
     "SIZE=1 "},
    {"blank before", " \t<a@b.example>", true, "a@b.example", "a", "b.example"},
    {"route", "<@x.example,@[192.0.2.1]:a@b.example>", true, "a@b.example", "a",
     "b.example"},
    {"bare local part", "<postmaster>", true, "postmaster", "postmaster", ""},
    {"quoted", "<\"a b\"@b.example>", true, "\"a b\"@b.example", "a b", "b.example"},
    {"quoted pair", "<\"a\\\"\\\\b\"@b.example>", true, "\"a\\\"\\\\b\"@b.example",
     "a\"\\b", "b.example"},
    {"brackets inside quotes", "<\"a>b\"@b.example>", true, "\"a>b\"@b.example", "a>b",
     "b.example"},
    {"every atext", "<!#$%&'*+-/=?^_`{|}~@b.example>", true,
     "!#$%&'*+-/=?^_`{|}~@b.example", "!#$%&'*+-/=?^_`{|}~", "b.example"},
    {"address literal", "<a@[IPv6:2001:db8::1]>", true, "a@[IPv6:2001:db8::1]", "a",
     "[IPv6:2001:db8::1]"},
    // What senders do.
    {"dots at the edge (Japanese carriers)", "<.a..b.@b.example>", true,
     ".a..b.@b.example", ".a..b.", "b.example"},
    {"underscore in a domain", "<a@b_c.example>", true, "a@b_c.example", "a",
     "b_c.example"},
    // What we refuse.
    {"empty", "", false},
    {"no brackets", "a@b.example", false},
    {"never closed", "<a@b.example", false},
    {"never opened", "a@b.example>", false},
    {"text behind", "<a@b.example>x", false},
    {"no local part", "<@b.example>", false},
    {"no domain behind @", "<a@>", false},
    {"two @", "<a@b@c.example>", false},
    {"blank inside", "<a b@c.example>", false},
    {"quote never closed", "<\"a@b.example>", false},
    {"quote ends in a backslash", "<\"a\\", false},
    {"route without address", "<@x.example:>", false},
    {"route with a hole", "<@x.example,:a@b.example>", false},
    {"route without colon", "<@x.example,@y.example>", false},
    {"literal never closed", "<a@[192.0.2.1>", false},
    {"empty literal", "<a@[]>", false},
    {"comment", "<a(b)@c.example>", false},
};

TEST(SmtpAddress, Table) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    std::string_view text = row.text;
    const auto path = TakePath(text);
    ASSERT_EQ(path.has_value(), row.ok);
    if (!path) continue;
    EXPECT_EQ(path->address, row.address);
    EXPECT_EQ(path->local_part, row.local_part);
    EXPECT_EQ(path->domain, row.domain);
    EXPECT_EQ(text, row.rest);
    EXPECT_TRUE(path->ascii);
  }
}

TEST(SmtpAddress, TellsUtf8) {
  for (const char* address : {"<\xC3\xBC@b.example>", "<a@\xC3\xBC.example>"}) {
    SCOPED_TRACE(address);
    std::string_view text = address;
    const auto path = TakePath(text);
    ASSERT_TRUE(path);
    EXPECT_FALSE(path->ascii);
  }
}

TEST(SmtpAddress, EveryPrefixIsAnswered) {
  const std::string_view whole = "<@x.example:\"a\\b\"@[192.0.2.1]> SIZE=1";
  for (std::size_t n = 0; n < whole.size(); ++n) {
    SCOPED_TRACE(n);
    const std::string exact(whole.substr(0, n));  // its own allocation, for ASan
    std::string_view text = exact;
    EXPECT_EQ(TakePath(text).has_value(), n >= whole.find('>') + 1);
  }
}

}  // namespace
}  // namespace tlsrpt::ingest
