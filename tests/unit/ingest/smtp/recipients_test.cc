#include "ingest/smtp/recipients.h"

#include <gtest/gtest.h>

#include <string>

namespace tlsrpt::ingest {
namespace {

Recipients Ours() {
  return Recipients::Make({"Firm.example", "other.example.", ".example.net"},
                          {"Reports@Firm.example", "rua+x@third.example"},
                          "MX.host.example")
      .value();
}

struct Row {
  const char* why;
  const char* local_part;
  const char* domain;
  bool want;
};

const Row kRows[] = {
    {"the report address", "tlsrpt", "firm.example", true},
    {"in any case", "TlsRpt", "FIRM.Example", true},
    {"configured with a trailing dot", "tlsrpt", "other.example", true},
    {"asked with a trailing dot", "tlsrpt", "firm.example.", true},
    {"sub-address", "tlsrpt+google", "firm.example", true},
    {"empty sub-address", "tlsrpt+", "firm.example", true},
    {"below a configured name", "tlsrpt", "a.firm.example", false},
    {"ends like a configured name", "tlsrpt", "xfirm.example", false},
    {"below a wildcard", "tlsrpt", "a.example.net", true},
    {"far below a wildcard", "tlsrpt", "c.b.a.example.net", true},
    {"the wildcard's own name is not below it", "tlsrpt", "example.net", false},
    {"nothing below a wildcard", "tlsrpt", ".example.net", false},
    {"ends like a wildcard", "tlsrpt", "aexample.net", false},
    {"somebody else", "info", "firm.example", false},
    {"starts like it", "tlsrptx", "firm.example", false},
    {"empty local part", "", "firm.example", false},
    {"only a sub-address", "+tlsrpt", "firm.example", false},
    {"an added address", "reports", "firm.example", true},
    {"an added address, sub-address", "REPORTS+a", "firm.example", true},
    {"an added address at another domain", "reports", "other.example", false},
    {"an added address opens no domain", "tlsrpt", "third.example", false},
    {"but has a postmaster", "postmaster", "third.example", true},
    {"in any case", "PostMaster", "THIRD.Example.", true},
    {"below its domain none", "postmaster", "a.third.example", false},
    {"added with a sub-address: that one only", "rua+x", "third.example", true},
    {"added with a sub-address: no other", "rua+y", "third.example", false},
    {"bare postmaster", "PostMaster", "", true},
    {"postmaster of a domain", "postmaster", "firm.example", true},
    {"postmaster below a wildcard", "postmaster", "a.example.net", true},
    {"postmaster of this host", "postmaster", "mx.host.example", true},
    {"the host is no report domain", "tlsrpt", "mx.host.example", false},
    {"postmaster of others: no relay", "postmaster", "foreign.example", false},
    {"bare anything else", "tlsrpt", "", false},
    {"address literal", "tlsrpt", "[127.0.0.1]", false},
};

TEST(SmtpRecipients, Table) {
  const Recipients ours = Ours();
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(ours.Accepts(row.local_part, row.domain), row.want);
  }
}

// As libidn2 would, of this one name; the lower case of U+00DC is U+00FC.
Result<std::string> ToALabelsOfBooks(std::string_view domain) {
  if (domain ==
          "b\xC3\xBC"
          "cher.example" ||
      domain ==
          "B\xC3\x9C"
          "CHER.example") {
    return std::string("xn--bcher-kva.example");
  }
  return Error{ErrorKind::kMalformed, "no domain"};
}

constexpr const char* kULabels =
    "b\xC3\xBC"
    "cher.example";

// RFC 6531, 3.3: whichever spelling is configured, and whichever is asked for.
TEST(SmtpRecipients, BothSpellingsOfADomain) {
  for (const char* configured : {kULabels, "xn--bcher-kva.example"}) {
    SCOPED_TRACE(configured);
    const auto ours =
        Recipients::Make({configured, std::string(".") + configured},
                         {std::string("reports@") + configured}, "", ToALabelsOfBooks);
    ASSERT_TRUE(ours) << ours.error().message;
    for (const char* asked : {kULabels, "xn--bcher-kva.example", "XN--BCHER-KVA.example",
                              "B\xC3\x9C"
                              "CHER.example."}) {
      SCOPED_TRACE(asked);
      EXPECT_TRUE(ours->Accepts("tlsrpt", asked));
      EXPECT_TRUE(ours->Accepts("postmaster", asked));
      EXPECT_TRUE(ours->Accepts("reports+a", asked));
      EXPECT_FALSE(ours->Accepts("info", asked));
    }
    EXPECT_TRUE(ours->Accepts("tlsrpt", "a.xn--bcher-kva.example"));
    EXPECT_FALSE(ours->Accepts("tlsrpt",
                               "b\xC3\xA4"
                               "cher.example"));

    const auto address_alone = Recipients::Make(
        {}, {std::string("reports@") + configured}, "", ToALabelsOfBooks);
    ASSERT_TRUE(address_alone) << address_alone.error().message;
    EXPECT_TRUE(address_alone->Accepts("postmaster", kULabels));
    EXPECT_TRUE(address_alone->Accepts("postmaster", "XN--BCHER-KVA.example"));
  }
}

TEST(SmtpRecipients, ANameThatHasNoALabelsIsRefused) {
  const std::string none = "\xC3\xA4..example";
  EXPECT_FALSE(Recipients::Make({none}, {}, "", ToALabelsOfBooks));
  EXPECT_FALSE(Recipients::Make({}, {"a@" + none}, "", ToALabelsOfBooks));
  EXPECT_TRUE(Recipients::Make({}, {}, none, ToALabelsOfBooks)) << "of the machine";
}

TEST(SmtpRecipients, NobodyConfigured) {
  const Recipients nobody;
  EXPECT_TRUE(nobody.Accepts("postmaster", ""));
  EXPECT_FALSE(nobody.Accepts("postmaster", "firm.example"));
  EXPECT_FALSE(nobody.Accepts("tlsrpt", "firm.example"));
}

TEST(SmtpRecipients, EntriesThatAreNone) {
  for (const char* domain : {"", ".", "..a", "a..b", "a@b.example", "*.example.net",
                             "a b.example", "<a.example>"}) {
    SCOPED_TRACE(domain);
    const auto made = Recipients::Make({domain}, {}, "");
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().kind, ErrorKind::kMalformed);
    EXPECT_NE(made.error().message.find(domain), std::string::npos);
  }
  for (const char* address :
       {"", "reports", "@firm.example", "a@", "a b@c.example", "a@b.example>",
        "mailto:a@b.example", "a@b.example c@d.example"}) {
    SCOPED_TRACE(address);
    const auto made = Recipients::Make({}, {address}, "");
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().kind, ErrorKind::kMalformed);
  }
}

TEST(SmtpRecipients, ASessionSeesTheNewList) {
  RecipientList list;
  const auto before = list.Get();
  list.Set(Ours());
  EXPECT_FALSE(before->Accepts("tlsrpt", "firm.example"));
  EXPECT_TRUE(list.Get()->Accepts("tlsrpt", "firm.example"));
}

}  // namespace
}  // namespace tlsrpt::ingest
