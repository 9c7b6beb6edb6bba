#include "store/model/reporter.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <iterator>
#include <set>
#include <string>
#include <string_view>

#include "base/text.h"
#include "store/model/domain_name.h"

namespace tlsrpt::store {
namespace {

TEST(Reporter, ShippedList) {
  struct Row {
    const char* why;
    std::string_view reporter, from;  // from empty: none is known
  };
  const Row rows[] = {
      {"mails of 2020 to 2026", "google.com", "noreply-smtp-tls-reporting@google.com"},
      {"mails of 2023 to 2026", "microsoft.com", "tlsrpt-noreply@microsoft.com"},
      {"mail of 2023", "mail.ru", "noreply-smtp-tls-reporting@corp.mail.ru"},
      {"no mail seen", "comcast.net", ""},
  };
  const auto shipped = ShippedReporters();
  ASSERT_EQ(shipped.size(), std::size(rows));
  for (std::size_t i = 0; i < shipped.size(); ++i) {
    SCOPED_TRACE(rows[i].why);
    EXPECT_EQ(shipped[i].reporter, rows[i].reporter);
    EXPECT_FALSE(shipped[i].name.empty());
    ASSERT_EQ(shipped[i].from_addresses.size(), rows[i].from.empty() ? 0u : 1u);
    if (!rows[i].from.empty()) {
      EXPECT_EQ(shipped[i].from_addresses[0], rows[i].from);
    }
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
  }
}

TEST(Reporter, Counted) {
  const std::set<std::string> shipped = {"comcast.net", "google.com", "mail.ru",
                                         "microsoft.com"};
  EXPECT_EQ(CountedReporters(), shipped);
  std::set<std::string> more = shipped;
  more.insert("partner.example");
  EXPECT_EQ(CountedReporters({"partner.example"}), more);
  EXPECT_EQ(CountedReporters({"google.com"}), shipped) << "each once";
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
