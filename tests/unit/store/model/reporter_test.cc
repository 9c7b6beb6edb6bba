#include "store/model/reporter.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "store/model/domain_name.h"

namespace tlsrpt::store {
namespace {

TEST(Reporter, ShippedList) {
  struct Row {
    const char* why;
    std::string_view reporter, signed_by, from;  // empty: none is known
  };
  const Row rows[] = {
      {"no mail seen", "comcast.net", "", ""},
      {"mails of 2020 to 2026", "google.com", "google.com",
       "noreply-smtp-tls-reporting@google.com"},
      {"mail of 2023: signs below its organisation", "mail.ru", "corp.mail.ru",
       "noreply-smtp-tls-reporting@corp.mail.ru"},
      {"mails of 2023 to 2026", "microsoft.com", "microsoft.com",
       "tlsrpt-noreply@microsoft.com"},
  };
  const auto shipped = ShippedReporters();
  ASSERT_EQ(shipped.size(), std::size(rows));
  for (std::size_t i = 0; i < shipped.size(); ++i) {
    SCOPED_TRACE(rows[i].why);
    const auto only = [](std::string_view text) {
      return text.empty() ? std::vector<std::string>()
                          : std::vector<std::string>{std::string(text)};
    };
    EXPECT_EQ(shipped[i].reporter, rows[i].reporter);
    EXPECT_FALSE(shipped[i].name.empty());
    EXPECT_FALSE(shipped[i].cadence.empty());
    EXPECT_EQ(shipped[i].signing_domains, only(rows[i].signed_by));
    EXPECT_EQ(shipped[i].from_addresses, only(rows[i].from));
  }
}

// A From address that is not aligned with its reporter could never count; one in
// another form would never compare equal.
TEST(Reporter, ShippedListIsConsistent) {
  std::set<std::string_view> seen;
  for (const ReporterProfile& profile : ShippedReporters()) {
    SCOPED_TRACE(profile.reporter);
    EXPECT_TRUE(seen.insert(profile.reporter).second);
    EXPECT_EQ(OrganisationalDomain(profile.reporter), profile.reporter);
    for (const std::string_view from : profile.from_addresses) {
      EXPECT_EQ(OrganisationalDomain(DomainOfAddress(from).value()), profile.reporter);
      EXPECT_EQ(ToLowerAscii(from), from);
    }
    for (const std::string_view domain : profile.signing_domains) {
      EXPECT_EQ(OrganisationalDomain(domain), profile.reporter);
    }
  }
}

TEST(Reporter, Counted) {
  const std::set<std::string> shipped = {"comcast.net", "google.com", "mail.ru",
                                         "microsoft.com"};
  EXPECT_EQ(ReporterProfiles().Counted(), shipped);
  std::set<std::string> more = shipped;
  more.insert("partner.example");
  EXPECT_EQ(ReporterProfiles({{"partner.example", "", {}, {}}}).Counted(), more);
  EXPECT_EQ(ReporterProfiles({{"google.com", "", {}, {}}}).Counted(), shipped)
      << "each once";
}

TEST(Reporter, WhatItsProfileKnows) {
  const ReporterProfiles profiles({
      {"partner.example", "Partner", {"mail.partner.example"}, {"tls@partner.example"}},
      {"comcast.net", "Comcast", {"comcast.net"}, {"tlsrpt@comcast.net"}},
      {"google.com", "", {"google.com"}, {"new-address@google.com"}},
  });
  struct Row {
    const char* why;
    std::string_view reporter, signed_by, from;
    bool knows;
  };
  const Row rows[] = {
      {"Google", "google.com", "google.com", "noreply-smtp-tls-reporting@google.com",
       true},
      {"addresses have no case here", "google.com", "google.com",
       "NoReply-SMTP-TLS-Reporting@Google.com", true},
      {"a calendar invitation", "google.com", "google.com",
       "calendar-notification@google.com", false},
      {"an employee", "google.com", "google.com", "alice@google.com", false},
      {"the right address under another signature of the organisation", "google.com",
       "groups.google.com", "noreply-smtp-tls-reporting@google.com", false},
      {"one reporter's address is not another's", "microsoft.com", "microsoft.com",
       "noreply-smtp-tls-reporting@google.com", false},
      {"no From", "google.com", "google.com", "", false},
      {"added", "partner.example", "mail.partner.example", "tls@partner.example", true},
      {"added to a shipped one", "google.com", "google.com", "new-address@google.com",
       true},
      {"added to one without addresses", "comcast.net", "comcast.net",
       "tlsrpt@comcast.net", true},
      {"without a profile", "stranger.example", "stranger.example",
       "tlsrpt@stranger.example", false},
      {"nobody", "", "", "", false},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(profiles.Knows(row.reporter, row.signed_by, row.from), row.knows);
  }
  EXPECT_FALSE(ReporterProfiles().Knows("comcast.net", "comcast.net", ""))
      << "no address is known";
  EXPECT_TRUE(profiles.KnowsSigner("corp.mail.ru"));
  EXPECT_TRUE(profiles.KnowsSigner("mail.partner.example"));
  EXPECT_FALSE(profiles.KnowsSigner("partner.example"));
  EXPECT_TRUE(profiles.Counted().contains("partner.example"));
  EXPECT_EQ(profiles.all().size(), ShippedReporters().size() + 1);
}

TEST(Reporter, OfContact) {
  struct Row {
    const char* why;
    std::string_view contact, want;
  };
  const Row rows[] = {
      {"Google", "smtp-tls-reporting@google.com", "google.com"},
      {"Mail.ru: below its organisation", "tls_support@corp.mail.ru", "mail.ru"},
      {"upper case", "TLS@Google.COM", "google.com"},
      {"blanks around", " tlsrpt@firm.example\n", "firm.example"},
      {"mailto", "mailto:tlsrpt@mx.firm.example", "firm.example"},
      {"RFC 6068, 2: header fields", "MAILTO:tlsrpt@firm.example?subject=a@b.example",
       "firm.example"},
      {"Stalwart's own test", "https://foobar.org/contact", "foobar.org"},
      {"URL, host alone", "https://www.foobar.org", "foobar.org"},
      {"URL, port and query", "https://www.foobar.org:8443?x=1", "foobar.org"},
      {"URL, an @ in the path is no host", "https://foobar.org/a@google.com",
       "foobar.org"},
      {"URL, an @ in the query", "https://foobar.org?@google.com", "foobar.org"},
      {"URL, fragment", "https://foobar.org#@google.com", "foobar.org"},
      {"URL, browsers read a backslash as a slash", "https://foobar.org\\@google.com",
       "foobar.org"},
      {"URL, user info is no host", "https://google.com@foobar.org/", "foobar.org"},
      {"URL, user, password and port", "https://google.com:1@foobar.org:2/",
       "foobar.org"},
      {"URL, IDN", "https://www.münchen.example/", "xn--mnchen-3ya.example"},
      {"customers of one hoster are two", "tls@a.github.io", "a.github.io"},
      {"a public suffix is nobody", "hostmaster@co.uk", ""},
      {"URL, IPv4", "https://192.0.2.1/", ""},
      {"URL, IPv6", "https://[2001:db8::1]:8443/", ""},
      {"URL without a host", "https:///contact", ""},
      {"RFC 5321 address literal", "a@[192.0.2.1]", ""},
      {"a name alone is neither address nor URL", "google.com", ""},
      {"words", "see our web page", ""},
      {"telephone", "tel:+49301234567", ""},
      {"Stalwart: null", "", ""},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(ReporterOfContact(row.contact), row.want);
  }
}

}  // namespace
}  // namespace tlsrpt::store
