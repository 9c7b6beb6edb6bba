#include "ingest/dkim/trusted_results.h"

#include <gtest/gtest.h>

#include <string>

#include "ingest/dkim/received_by.h"
#include "ingest/mail/header_block.h"

namespace tlsrpt::ingest {
namespace {

struct ByRow {
  const char* why;
  const char* value;
  const char* want;
};

const ByRow kBy[] = {
    {"Postfix",
     " from a.example (a.example [192.0.2.1])\r\n\tby MX.firm.example (Postfix) with "
     "ESMTP "
     "id 1\r\n\tfor <a@firm.example>; Thu, 26 Nov 2026 00:00:00 +0000",
     "mx.firm.example"},
    {"without from", "by mx.firm.example; Thu, 26 Nov 2026", "mx.firm.example"},
    {"Exchange",
     "from A.prod.outlook.com (2603::19)\r\n by B.prod.outlook.com (2603::6) with "
     "Microsoft "
     "SMTP Server (version=TLS1_2,\r\n cipher=X) id 15; Thu, 14 May 2026",
     "b.prod.outlook.com"},
    {"\"by\" in a comment", "from a (by evil.example) by mx.firm.example; x",
     "mx.firm.example"},
    {"\"by\" after the \";\"", "from a by mx.firm.example; by evil.example",
     "mx.firm.example"},
    {"a HELO that names another host",
     "from x by inner.firm.example by mx.firm.example; x", ""},
    {"a HELO of \"by\"", "from by (x) by mx.firm.example; x", ""},
    {"a HELO in quotes", "from \"x by y\" by mx.firm.example; x", ""},
    {"a comment that does not close", "from a (by b by mx.firm.example; x", ""},
    {"a comment that was not opened", "from a) by mx.firm.example; x", ""},
    {"by nobody", "from a by", ""},
    {"nothing", "", ""},
};

TEST(ReceivedBy, Table) {
  for (const ByRow& row : kBy) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(ReceivedBy(row.value), row.want);
  }
  std::string many = "from a";
  for (int i = 0; i < 100; ++i) many += " x";
  EXPECT_EQ(ReceivedBy(many + " by mx.firm.example; x"), "");
}

const std::string kBorder =
    "Received: from mail.google.com by mx.firm.example (Postfix) with ESMTPS id 1; "
    "date\r\n";
const std::string kDelivery =
    "Received: from mx.firm.example by imap.firm.example with LMTP id 2; date\r\n";
const std::string kRest =
    "From: a@google.com\r\n"
    "Subject: x\r\n"
    "\r\n"
    "body\r\n";

std::string Says(const std::string& id, const std::string& results) {
  return "Authentication-Results: " + id + "; " + results + "\r\n";
}

std::string Dkim(const std::string& id, const std::string& domain = "google.com") {
  return Says(id, "dkim=pass header.d=" + domain);
}

struct Row {
  const char* why;
  std::string header;  // above From
  bool believed;       // "dkim=pass header.d=google.com" is
};

const char kMx[] = "mx.firm.example";

const Row kRows[] = {
    {"above the relay's line", Dkim(kMx) + kBorder, true},
    {"other fields between", "X-A: b\r\n" + Dkim(kMx) + "X-B: c\r\n" + kBorder, true},
    {"case of the id", Dkim("MX.Firm.Example") + kBorder, true},
    {"one of two fields of that id", Says(kMx, "spf=pass") + Dkim(kMx) + kBorder, true},
    {"beside one of another id",
     Dkim("mx.other.example", "x.example") + Dkim(kMx) + kBorder, true},
    {"beside one that cannot be read", Says(kMx, "???") + Dkim(kMx) + kBorder, true},
    {"behind a delivery that is known", kDelivery + Dkim(kMx) + kBorder, true},
    {"above the delivery too", Dkim(kMx) + kDelivery + kBorder, true},

    {"a dot at the end of the id", Dkim("mx.firm.example.") + kBorder, false},
    {"another id", Dkim("mx.evil.example") + kBorder, false},
    {"an id that ends alike", Dkim("xmx.firm.example") + kBorder, false},
    {"forged: below the relay's line", kBorder + Dkim(kMx), false},
    {"forged: below, with a Received line of the relay below that",
     kBorder + Dkim(kMx) + kBorder, false},
    {"forged: below the line of a host that is not known",
     "Received: from x by evil.example; date\r\n" + Dkim(kMx) + kBorder, false},
    {"a delivery that is not known",
     "Received: from x by other.firm.example; date\r\n" + Dkim(kMx) + kBorder, false},
    {"no Received line at all", Dkim(kMx), false},
    {"only that of the delivery", kDelivery + Dkim(kMx), false},
    {"a Received line nobody can read", "Received: \"x\r\n" + Dkim(kMx) + kBorder, false},
    {"another version",
     "Authentication-Results: mx.firm.example 2; dkim=pass\r\n" + kBorder, false},
    {"a field of another name", "X-" + Dkim(kMx) + kBorder, false},
    {"Exchange's form, not asked for",
     "Authentication-Results: dkim=pass header.d=google.com\r\n" + kBorder, false},
    {"a header past the limits",
     Dkim(kMx) + "X: " + std::string(kMaxFieldBytes, 'x') + "\r\n" + kBorder, false},
    {"in the body", kBorder + "\r\n" + Dkim(kMx) + kBorder, false},
};

TEST(TrustedResults, Table) {
  const AuthservTrust trust{.authserv_ids = {"MX.firm.example", "mx2.firm.example"},
                            .inner_hosts = {"imap.firm.example"}};
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    const auto results = TrustedResults(row.header + kRest, trust);
    const AuthservVouch vouch = VouchOf(results, "a@google.com");
    EXPECT_EQ(vouch.reporter, row.believed ? "google.com" : "");
    EXPECT_EQ(vouch.why.empty(), row.believed);
  }
}

TEST(TrustedResults, HostsBelowADomain) {
  const std::string mail =
      "Received: from x by f1.inner.firm.example; date\r\n" + Dkim(kMx) + kBorder + kRest;
  const auto believed = [&mail](std::vector<std::string> inner) {
    return !TrustedResults(mail, {.authserv_ids = {kMx}, .inner_hosts = std::move(inner)})
                .empty();
  };
  EXPECT_TRUE(believed({".inner.firm.example"}));
  EXPECT_TRUE(believed({".Inner.Firm.Example"}));
  EXPECT_FALSE(believed({"inner.firm.example"}));
  EXPECT_FALSE(believed({".other.firm.example"}));
  EXPECT_FALSE(believed({}));
}

// A pattern for the hosts behind the relay may take in the relay as well; what stands
// below its line anybody wrote.
TEST(TrustedResults, TheRelayIsNeverAnInnerHost) {
  const std::string forged =
      kBorder + Dkim(kMx) + "Received: from x by y.evil.example; date\r\n" + kRest;
  for (const char* inner : {".firm.example", "mx.firm.example"}) {
    EXPECT_TRUE(TrustedResults(
                    forged, {.authserv_ids = {"MX.firm.example"}, .inner_hosts = {inner}})
                    .empty())
        << inner;
  }
}

TEST(TrustedResults, NobodyIsBelievedWhereNobodyIsNamed) {
  EXPECT_TRUE(TrustedResults(Dkim(kMx) + kBorder + kRest, {}).empty());
}

// Exchange Online, as in mails of 2026.
const std::string kExchange =
    "Authentication-Results: spf=pass (sender IP is 209.85.1.1)\r\n"
    " smtp.mailfrom=x.google.com; dkim=pass (signature was verified)\r\n"
    " header.d=google.com;dmarc=pass action=none header.from=google.com;compauth=pass "
    "reason=100\r\n";
const std::string kInner =
    "Received: from A.eurprd01.prod.outlook.com (2603::1)\r\n"
    " by B.eurprd01.prod.outlook.com (2603::2) with HTTPS; date\r\n"
    "Received: from C.eurprd01.prod.outlook.com (2603::3)\r\n"
    " by D.outlook.office365.com (2603::4) with Microsoft SMTP Server; date\r\n";
const std::string kFront =
    "Received: from mail.google.com (209.85.1.1)\r\n"
    " by DB5EUR01FT052.mail.protection.outlook.com (10.1.1.1) with Microsoft SMTP\r\n"
    " Server; date\r\n";

const Row kExchangeRows[] = {
    {"as it is", kInner + kExchange + kFront, true},
    {"forged: below the border", kInner + kFront + kExchange, false},
    {"forged: below the border, with a border of its own",
     kInner + kFront + kExchange + kFront, false},
    {"forged: below the one that Exchange wrote",
     kInner + "Authentication-Results: dkim=none\r\n" + kInner + kExchange + kFront,
     false},
    {"a host of somebody else in between",
     kInner + "Received: from x by evil.example; date\r\n" + kExchange + kFront, false},
    {"no border", kInner + kExchange, false},
    {"a border that ends alike",
     kInner + kExchange + "Received: from x by xmail.protection.outlook.com; date\r\n",
     false},
};

TEST(TrustedResults, ExchangeOnline) {
  for (const Row& row : kExchangeRows) {
    SCOPED_TRACE(row.why);
    const auto results = TrustedResults(row.header + kRest, {.exchange_online = true});
    EXPECT_EQ(VouchOf(results, "a@google.com").reporter,
              row.believed ? "google.com" : "");
  }
}

struct VouchRow {
  const char* why;
  const char* results;
  const char* from;
  const char* reporter;
  const char* says;
};

const VouchRow kVouch[] = {
    {"aligned", "dkim=pass header.d=google.com", "a@google.com", "google.com", ""},
    {"Mail.ru", "dkim=pass header.d=corp.mail.ru", "a@corp.mail.ru", "mail.ru", ""},
    {"the second", "dkim=fail header.d=google.com; dkim=pass header.d=google.com",
     "a@google.com", "google.com", ""},
    {"it failed", "dkim=fail header.d=google.com", "a@google.com", "", "dkim=fail"},
    {"it is in test", "dkim=neutral header.d=google.com", "a@google.com", "",
     "dkim=neutral"},
    {"not DKIM", "spf=pass smtp.mailfrom=google.com header.d=google.com", "a@google.com",
     "", "no dkim result"},
    {"DMARC is not DKIM", "dmarc=pass header.from=google.com", "a@google.com", "",
     "no dkim result"},
    {"of somebody else", "dkim=pass header.d=evil.example", "a@google.com", "", "not of"},
    {"without header.d", "dkim=pass header.i=@google.com", "a@google.com", "",
     "no header.d"},
    {"with two", "dkim=pass header.d=google.com header.d=evil.example", "a@google.com",
     "", "no header.d"},
    {"d in another type", "dkim=pass policy.d=google.com", "a@google.com", "",
     "no header.d"},
    {"a public suffix", "dkim=pass header.d=co.uk", "a@firm.co.uk", "", "not of"},
    {"no single From", "dkim=pass header.d=google.com", "", "", "no single From"},
    {"From of a public suffix", "dkim=pass header.d=co.uk", "a@co.uk", "",
     "public suffix"},
};

TEST(AuthservVouch, Table) {
  for (const VouchRow& row : kVouch) {
    SCOPED_TRACE(row.why);
    const auto results =
        TrustedResults(Says(kMx, row.results) + kBorder + kRest, {.authserv_ids = {kMx}});
    const AuthservVouch vouch = VouchOf(results, row.from);
    EXPECT_EQ(vouch.reporter, row.reporter);
    EXPECT_NE(vouch.why.find(row.says), std::string::npos) << vouch.why;
    EXPECT_EQ(vouch.domain.empty(), row.reporter[0] == '\0');
  }
}

TEST(TrustedResults, EveryPrefixIsAnswered) {
  const std::string whole = kDelivery + Dkim(kMx) + kBorder + kRest;
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const std::string exact(whole.substr(0, n));
    (void)TrustedResults(exact, {.authserv_ids = {kMx}});
    (void)TrustedResults(exact, {.exchange_online = true});
  }
}

}  // namespace
}  // namespace tlsrpt::ingest
