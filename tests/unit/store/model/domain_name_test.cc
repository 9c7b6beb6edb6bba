#include "store/model/domain_name.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tlsrpt::store {
namespace {

using std::string_literals::operator""s;
using std::string_view_literals::operator""sv;

const std::string k63(63, 'a');
const std::string k64(64, 'a');
// 253 octets: three labels of 63, one of 61, three dots.
const std::string k253 = k63 + "." + k63 + "." + k63 + "." + std::string(61, 'b');

struct Row {
  const char* why;
  std::string text;
  std::optional<std::string> want;  // empty: kMalformed
};

const Row kNames[] = {
    {"as it should be", "firm.example", "firm.example"},
    {"upper case", "Firm.EXAMPLE", "firm.example"},
    {"tlsrpt-reporter before 0.5: trailing dot", "firm.example.", "firm.example"},
    {"both", "FIRM.Example.", "firm.example"},
    {"digits first", "1und1.example", "1und1.example"},
    {"underscores, as in the records themselves", "_smtp._tls.firm.example",
     "_smtp._tls.firm.example"},
    {"hyphens inside", "a-b--c.example", "a-b--c.example"},
    {"hyphens in the third and fourth place are in use", "r3---sn-x.example",
     "r3---sn-x.example"},
    // Internationalised names.
    {"RFC 8460, 4.4: A-labels", "xn--mnchen-3ya.example", "xn--mnchen-3ya.example"},
    {"A-labels in capitals", "XN--MNCHEN-3YA.EXAMPLE", "xn--mnchen-3ya.example"},
    {"mox before 62be829: U-labels", "münchen.example", "xn--mnchen-3ya.example"},
    {"U-labels in capitals, trailing dot", "MÜNCHEN.Example.", "xn--mnchen-3ya.example"},
    {"u and a combining diaeresis", "mu\xCC\x88nchen.example", "xn--mnchen-3ya.example"},
    {"underscore beside a U-label", "_tls.münchen.example",
     "_tls.xn--mnchen-3ya.example"},
    {"not transitional: sharp s is a letter of its own", "faß.example",
     "xn--fa-hia.example"},
    {"ideographic full stop",
     "firm\xE3\x80\x82"
     "example",
     "firm.example"},
    {"full-width letters", "\xEF\xBD\x81\xEF\xBD\x82.example", "ab.example"},
    {"soft hyphen is nothing", "m\xC2\xADx.example", "mx.example"},
    {"an A-label that IDNA 2008 would not register is still a name", "xn--ls8h.la",
     "xn--ls8h.la"},
    // Lengths: RFC 1035, 2.3.4.
    {"label of 63", k63 + ".example", k63 + ".example"},
    {"label of 64", k64 + ".example", {}},
    {"last label of 64", "firm." + k64, {}},
    {"253 in all", k253, k253},
    {"253 and the trailing dot", k253 + ".", k253},
    {"254 in all", k253 + "b", {}},
    {"A-label too long, though the U-label is not",
     "ü" + std::string(60, 'a') + ".example",
     {}},
    {"far too long, and not ASCII", std::string(100'000, 'a') + "ü.example", {}},
    // What is no host name.
    {"empty", "", {}},
    {"root", ".", {}},
    {"one label", "example", {}},
    {"one label and a dot", "example.", {}},
    {"an empty label inside", "a..b", {}},
    {"an empty label inside, beside a U-label", "a..ü.example", {}},
    {"leading dot", ".firm.example", {}},
    {"two trailing dots", "firm.example..", {}},
    {"blank inside", "firm .example", {}},
    {"blank around", " firm.example", {}},
    {"blank beside a U-label", "ü b.example", {}},
    {"line feed", "firm.example\n", {}},
    {"NUL", "firm.example\0"s, {}},
    {"NUL after a U-label hides the rest from a C library", "ü.example\0.b"s, {}},
    {"leading hyphen", "-a.example", {}},
    {"trailing hyphen", "a-.example", {}},
    {"leading hyphen, U-label", "-ü.example", {}},
    {"hyphen at the end of all", "firm.example-", {}},
    {"wildcard", "*.firm.example", {}},
    {"RFC 8460, 4.4 is about a domain, not an address", "a@firm.example", {}},
    {"URL", "https://firm.example", {}},
    {"port", "firm.example:25", {}},
    {"MailCheck's brackets", "[testMxHost1]", {}},
    {"IPv4", "192.0.2.1", {}},
    {"IPv4, full-width digit", "\xEF\xBC\x91.2.3.4", {}},
    {"IPv4 with a trailing dot", "192.0.2.1.", {}},
    {"no top-level domain is a number", "firm.1", {}},
    {"IPv4 literal", "[192.0.2.1]", {}},
    {"IPv6", "2001:db8::1", {}},
    {"IPv6 literal", "[IPv6:2001:db8::1]", {}},
    {"not UTF-8", "\xFF\xFE.example", {}},
    {"Latin-1", "m\xFCnchen.example", {}},
    {"a sign that IDNA 2008 does not allow", "\xE2\x98\x83.example", {}},
    {"after Z in ASCII", "a[.example", {}},
    {"after z in ASCII", "a{.example", {}},
    {"before a in ASCII", "`a.example", {}},
    {"after 9 in ASCII", "a:.example", {}},
    {"before 0 in ASCII", "a/.example", {}},
};

TEST(DomainName, Normalise) {
  for (const Row& row : kNames) {
    SCOPED_TRACE(row.why);
    const auto got = NormaliseDomain(row.text);
    ASSERT_EQ(got.has_value(), row.want.has_value()) << row.text;
    if (row.want) {
      EXPECT_EQ(*got, *row.want);
      const auto again = NormaliseDomain(*got);
      ASSERT_TRUE(again.has_value());
      EXPECT_EQ(*again, *got) << "stored form is its own stored form";
    } else {
      EXPECT_EQ(got.error().kind, ErrorKind::kMalformed);
    }
  }
}

TEST(DomainName, TheErrorNamesTheInput) {
  const auto got = NormaliseDomain("a..b");
  ASSERT_FALSE(got.has_value());
  EXPECT_NE(got.error().message.find("\"a..b\""), std::string::npos);
  EXPECT_NE(got.error().message.find("empty label"), std::string::npos);
}

// Refused by its length, before punycode looks at each byte of it.
TEST(DomainName, LongUnicodeIsNotConverted) {
  const auto got = NormaliseDomain(std::string(kMaxDomainBytes * 4, 'a') + "ü.example");
  ASSERT_FALSE(got.has_value());
  EXPECT_NE(got.error().message.find("too long"), std::string::npos);
}

TEST(DomainName, TheErrorIsBoundedAndUtf8) {
  for (const std::string& text :
       {std::string(1'000'000, 'a'), "\xFF\xFF.example"s, "a\0b.example"s}) {
    const auto got = NormaliseDomain(text);
    ASSERT_FALSE(got.has_value());
    EXPECT_LT(got.error().message.size(), 250u);
    EXPECT_EQ(got.error().message.find('\xFF'), std::string::npos);
    EXPECT_EQ(got.error().message.find('\0'), std::string::npos);
  }
}

const Row kPatterns[] = {
    {"RFC 8461, 3.2: a host", "mx1.firm.example", "mx1.firm.example"},
    {"RFC 8461, 3.2: a wildcard", "*.firm.example", "*.firm.example"},
    {"the drafts wrote it so", ".firm.example", "*.firm.example"},
    {"upper case, trailing dot", "*.Firm.Example.", "*.firm.example"},
    {"U-labels below a wildcard", "*.münchen.example", "*.xn--mnchen-3ya.example"},
    {"a wildcard for a top-level domain", "*.example", {}},
    {"a wildcard alone", "*.", {}},
    {"a star alone", "*", {}},
    {"a dot alone", ".", {}},
    {"a star inside a label", "m*.firm.example", {}},
    {"a star inside", "mx.*.example", {}},
    {"two wildcards", "*.*.firm.example", {}},
    {"both forms", "*..firm.example", {}},
    {"two leading dots", "..firm.example", {}},
    {"empty", "", {}},
    {"IP address", "192.0.2.1", {}},
    {"trailing blank, which the parser trims", "mx1.firm.example ", {}},
};

TEST(MxPattern, Normalise) {
  for (const Row& row : kPatterns) {
    SCOPED_TRACE(row.why);
    const auto got = NormaliseMxPattern(row.text);
    ASSERT_EQ(got.has_value(), row.want.has_value());
    if (row.want) {
      EXPECT_EQ(*got, *row.want);
      EXPECT_EQ(NormaliseMxPattern(*got).value(), *got);
    } else {
      EXPECT_EQ(got.error().kind, ErrorKind::kMalformed);
    }
  }
}

// RFC 8461, 4.1: "the wildcard matches only one label".
TEST(MxPattern, Matches) {
  struct MatchRow {
    const char* why;
    std::string_view host, pattern;
    bool want;
  };
  const MatchRow rows[] = {
      {"the host itself", "mx1.firm.example", "mx1.firm.example", true},
      {"another host", "mx2.firm.example", "mx1.firm.example", false},
      {"no wildcard, so not what lies below", "a.mx1.firm.example", "mx1.firm.example",
       false},
      {"RFC 8461, 4.1: one label", "mx1.firm.example", "*.firm.example", true},
      {"RFC 8461, 4.1: not two", "a.mx1.firm.example", "*.firm.example", false},
      {"not the apex", "firm.example", "*.firm.example", false},
      {"no label at all", ".firm.example", "*.firm.example", false},
      {"a name that merely ends so", "mx.afirm.example", "*.firm.example", false},
      {"a label glued on", "mxfirm.example", "*.firm.example", false},
      {"another parent", "mx1.firm.test", "*.firm.example", false},
      {"a wildcard is no host", "*.firm.example", "mx1.firm.example", false},
      {"IDN in stored form", "mx.xn--mnchen-3ya.example", "*.xn--mnchen-3ya.example",
       true},
      {"the wildcard takes an A-label", "xn--mnchen-3ya.firm.example", "*.firm.example",
       true},
      {"the longer parent", "mx1.firm.example", "*.mx1.firm.example", false},
      {"no host", "", "*.firm.example", false},
      {"one label", "mx1", "*.firm.example", false},
  };
  for (const MatchRow& row : rows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(MatchesMxPattern(row.host, row.pattern), row.want);
  }
}

TEST(DomainName, OfAddress) {
  const Row rows[] = {
      {"Google", "noreply-smtp-tls-reporting@google.com", "google.com"},
      {"upper case", "A@Firm.Example", "firm.example"},
      {"RFC 5321, 4.1.2: an @ inside a quoted local part", "\"a@b\"@firm.example",
       "firm.example"},
      {"RFC 6531: U-label", "a@münchen.example", "xn--mnchen-3ya.example"},
      {"RFC 5321, 4.1.3: address literal", "a@[192.0.2.1]", {}},
      {"nothing behind", "a@", {}},
      {"no @", "firm.example", {}},
      {"angle brackets are the caller's", "<a@firm.example>", {}},
      {"empty", "", {}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    const auto got = DomainOfAddress(row.text);
    ASSERT_EQ(got.has_value(), row.want.has_value());
    if (row.want) {
      EXPECT_EQ(*got, *row.want);
    } else {
      EXPECT_EQ(got.error().kind, ErrorKind::kMalformed);
    }
  }
}

// Rules that have stood in the list for many years: the test must not age with it.
TEST(DomainName, Organisational) {
  struct OrgRow {
    const char* why;
    std::string_view domain, want;
  };
  const OrgRow rows[] = {
      {"itself", "google.com", "google.com"},
      {"a subdomain", "corp.mail.ru", "mail.ru"},
      {"far below", "a.b.c.google.com", "google.com"},
      {"two labels of suffix", "mail.firm.co.uk", "firm.co.uk"},
      {"not normalised", "Mail.Google.COM.", "google.com"},
      {"a top-level domain the list does not know", "mx.firm.example", "firm.example"},
      {"a suffix of A-labels", "a.b.xn--55qx5d.cn", "b.xn--55qx5d.cn"},
      {"a suffix of U-labels", "a.b.公司.cn", "b.xn--55qx5d.cn"},
      {"*.ck", "a.firm.co.ck", "firm.co.ck"},
      {"!www.ck", "a.www.ck", "www.ck"},
      // The private section: two customers of one hoster are two.
      {"one customer", "a.github.io", "a.github.io"},
      {"below one customer", "mail.a.github.io", "a.github.io"},
      {"the hoster's suffix itself vouches for nobody", "github.io", ""},
      {"a public suffix", "co.uk", ""},
      {"a top-level domain", "com", ""},
      {"IP address", "192.0.2.1", ""},
      {"no name", "a..b", ""},
      {"empty", "", ""},
  };
  for (const OrgRow& row : rows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(OrganisationalDomain(row.domain), row.want);
  }
  EXPECT_NE(OrganisationalDomain("a.github.io"), OrganisationalDomain("b.github.io"));
}

// However a name is cut, it is answered; nothing reads past the view.
TEST(DomainName, EveryPrefixIsAnswered) {
  const std::string_view whole =
      "*.mx_1.mu\xCC\x88nchen\xE3\x80\x82"
      "example."sv;
  for (std::size_t n = 0; n <= whole.size(); ++n) {
    SCOPED_TRACE(n);
    const std::string exact(whole.substr(0, n));  // its own allocation, for ASan
    (void)NormaliseDomain(exact);
    (void)NormaliseMxPattern(exact);
    (void)DomainOfAddress("a@" + exact);
    (void)OrganisationalDomain(exact);
  }
}

}  // namespace
}  // namespace tlsrpt::store
