#include "ingest/flow/mail_voucher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>

#include "ingest/flow/process.h"
#include "ingest/report/report_parser.h"
#include "ingest/unpack/unpack.h"
#include "tests/support/dkim/signer.h"

namespace tlsrpt::ingest {
namespace {

using namespace std::chrono;  // NOLINT: literals

using store::Provenance;
using test::SignOptions;

constexpr TimePoint kNow = sys_days{2026y / November / 23} + 6h;
constexpr const char* kGoogle = "noreply-smtp-tls-reporting@google.com";

// Keys that are known, and names that DNS has not answered yet.
class FixedKeys final : public KeySource {
 public:
  std::optional<DkimKeyAnswer> Find(const std::string& name) override {
    if (pending_) return std::nullopt;
    DkimKeyAnswer answer;
    const auto found = records_.find(name);
    answer.status =
        found == records_.end() ? DkimKeyAnswer::Status::kNone : found->second.status;
    if (found != records_.end()) answer = found->second;
    return answer;
  }
  void Publish(const std::string& domain, const std::string& tags = "") {
    DkimKeyAnswer answer;
    answer.status = DkimKeyAnswer::Status::kFound;
    answer.records = {test::RecordOf(test::RsaKey(), tags)};
    answer.dnssec = true;
    records_["sel._domainkey." + domain] = answer;
  }
  void SetPending() { pending_ = true; }

 private:
  std::map<std::string, DkimKeyAnswer> records_;
  bool pending_ = false;
};

const std::string kReport =
    R"({"organization-name":"Google Inc.","date-range":{"start-datetime":)"
    R"("2026-11-20T00:00:00Z","end-datetime":"2026-11-20T23:59:59Z"},"contact-info":)"
    R"("smtp-tls-reporting@google.com","report-id":"1","policies":[{"policy":)"
    R"({"policy-type":"sts","policy-domain":"firm.example"},"summary":)"
    R"({"total-successful-session-count":3,"total-failure-session-count":0}}]})";

std::string ReportMail(const std::string& from) {
  return "From: " + from +
         "\r\nTo: tlsrpt@firm.example\r\nSubject: Report Domain: firm.example\r\n"
         "MIME-Version: 1.0\r\n"
         "Content-Type: multipart/report; report-type=tlsrpt; boundary=b\r\n\r\n"
         "--b\r\nContent-Type: application/tlsrpt+json\r\n\r\n" +
         kReport + "\r\n--b--\r\n";
}

std::string Signed(const std::string& mail, const std::string& domain,
                   const std::string& more = "") {
  SignOptions options;
  options.key = test::RsaKey();
  options.domain = domain;
  options.more = more;
  return test::Sign(mail, options);
}

// As a relay of ours hands it on.
std::string Relayed(const std::string& mail,
                    const std::string& results = "dkim=pass header.d=google.com") {
  return "Authentication-Results: mx.relay.example; " + results +
         "\r\nReceived: from a.google.com by mx.relay.example; Mon, 23 Nov 2026 06:00:00 "
         "+0000\r\n" +
         mail;
}

struct Case {
  const char* why;
  std::string mail;
  Provenance provenance;
  const char* reporter;
  bool from_known;
  const char* reason;  // a part of `why`
  const char* transport = "smtp";
  const char* peer = "192.0.2.1:25";
  ImportVouching imports = {};
};

class MailVoucherTest : public testing::Test {
 protected:
  MailVoucherTest() {
    for (const char* domain :
         {"google.com", "evil.example", "sender.example", "corp.mail.ru"}) {
      keys_.Publish(domain);
    }
    keys_.Publish("tested.example", "t=y");
    keys_.Publish("tls.example", "s=tlsrpt");
    views_.Set({.own = {}, .counted_reporters = {}});
  }

  MailTrust Trust(ImportVouching imports = {}) const {
    MailTrust trust;
    trust.authserv.authserv_ids = {"mx.relay.example"};
    trust.relays = {net::ParseNetwork("198.51.100.0/24").value()};
    trust.relay_sockets = {"unix:/run/tlsrptd/lmtp"};
    trust.imports = imports;
    return trust;
  }
  static SpoolEntry Entry(const std::string& mail, const std::string& transport,
                          const std::string& peer) {
    SpoolEntry entry;
    entry.received_at = kNow;
    entry.transport = transport;
    entry.peer = peer;
    entry.body = mail;
    return entry;
  }
  Vouched Ask(const Voucher& voucher, const SpoolEntry& entry) {
    const auto unpacked = Unpack(entry.body);
    EXPECT_TRUE(unpacked.has_value() && unpacked->reports.size() == 1);
    const auto report = ParseReport(unpacked->reports[0].json, {});
    EXPECT_TRUE(report.has_value());
    const auto own = voucher.ForEntry(entry);
    return (own ? *own : voucher).Vouch(entry, unpacked->reports[0], &report.value());
  }

  FixedKeys keys_;
  DomainViews views_;
};

TEST_F(MailVoucherTest, WhoVouches) {
  const ImportVouching vouch{.word = OperatorWord::kUnlessSignatureIsBad};
  const ImportVouching vouch_all{.word = OperatorWord::kAll};
  const ImportVouching authserv{.authserv = true};
  const auto altered = [](std::string mail) {
    return mail.replace(mail.find("count\":3"), 8, "count\":9");
  };
  const std::string tampered = altered(Signed(ReportMail(kGoogle), "google.com"));
  const std::string bounced =
      "From: mailer-daemon@google.com\r\nTo: tlsrpt@firm.example\r\nSubject: returned\r\n"
      "MIME-Version: 1.0\r\nContent-Type: multipart/report; "
      "report-type=delivery-status; boundary=outer\r\n\r\n--outer\r\n"
      "Content-Type: message/rfc822\r\n\r\n" +
      ReportMail(kGoogle) + "--outer--\r\n";
  const std::string two_from =
      Signed("From: x@evil.example\r\n" + ReportMail(kGoogle), "evil.example");

  const Case cases[] = {
      {"a reporter's own mail", Signed(ReportMail(kGoogle), "google.com"),
       Provenance::kDkim, "google.com", true, ""},
      {"a reporter without a profile",
       Signed(ReportMail("tlsrpt@mail.sender.example"), "sender.example"),
       Provenance::kDkim, "sender.example", false, ""},
      {"Mail.ru signs below its organisation",
       Signed(ReportMail("noreply-smtp-tls-reporting@corp.mail.ru"), "corp.mail.ru"),
       Provenance::kDkim, "mail.ru", true, ""},
      {"another address of a counted reporter",
       Signed(ReportMail("alice@google.com"), "google.com"), Provenance::kDkim,
       "google.com", false, ""},
      {"unsigned", ReportMail(kGoogle), Provenance::kNone, "", true, "no DKIM signature"},
      {"signed by another", Signed(ReportMail(kGoogle), "evil.example"),
       Provenance::kNone, "", true, "no signature of google.com"},
      {"signed by both: the aligned one vouches",
       Signed(Signed(ReportMail(kGoogle), "google.com"), "evil.example"),
       Provenance::kDkim, "google.com", true, ""},
      {"changed on the way", tampered, Provenance::kNone, "", true, "dkim=fail"},
      {"a key that is only tested",
       Signed(ReportMail("a@tested.example"), "tested.example"), Provenance::kNone, "",
       true, "t=y"},
      {"limited in length", Signed(ReportMail(kGoogle), "google.com", "l=10; "),
       Provenance::kNone, "", true, "l="},
      {"no key", Signed(ReportMail("a@nokey.example"), "nokey.example"),
       Provenance::kNone, "", true, "nokey.example"},
      {"two From fields", two_from, Provenance::kNone, "", true, "From"},
      {"a signed bounce that returns a stranger's mail", Signed(bounced, "google.com"),
       Provenance::kNone, "", true, "in this place"},

      {"a relay of ours", Relayed(ReportMail(kGoogle)), Provenance::kAuthserv,
       "google.com", true, "", "smtp", "198.51.100.7:25"},
      {"a relay on our own socket", Relayed(ReportMail(kGoogle)), Provenance::kAuthserv,
       "google.com", true, "", "lmtp", "unix:/run/tlsrptd/lmtp"},
      {"another socket", Relayed(ReportMail(kGoogle)), Provenance::kNone, "", true,
       "no DKIM signature", "lmtp", "unix:/run/other"},
      {"the same from anywhere else", Relayed(ReportMail(kGoogle)), Provenance::kNone, "",
       true, "no DKIM signature", "smtp", "192.0.2.1:25"},
      {"the relay says fail", Relayed(ReportMail(kGoogle), "dkim=fail"),
       Provenance::kNone, "", true, "the relay", "smtp", "198.51.100.7:25"},
      {"a stranger's line below the relay's",
       "Received: from evil by mx.relay.example; now\r\n" +
           Relayed(ReportMail(kGoogle)).substr(0),
       Provenance::kNone, "", true, "the relay", "smtp", "198.51.100.7:25"},
      {"a relay and a signature of its own: the signature",
       Relayed(Signed(ReportMail(kGoogle), "google.com")), Provenance::kDkim,
       "google.com", true, "", "smtp", "198.51.100.7:25"},
      {"an import of relayed mail, not marked so", Relayed(ReportMail(kGoogle)),
       Provenance::kNone, "", true, "no DKIM signature", "import", "a.eml"},
      {"an import marked so", Relayed(ReportMail(kGoogle)), Provenance::kAuthserv,
       "google.com", true, "", "import", "a.eml", authserv},

      {"an import of signed mail", Signed(ReportMail(kGoogle), "google.com"),
       Provenance::kDkim, "google.com", true, "", "import", "a.eml"},
      {"an old signature", Signed(ReportMail(kGoogle), "google.com", "x=1700000000; "),
       Provenance::kNone, "", true, "expired", "import", "a.eml"},
      {"the operator, for an old signature",
       Signed(ReportMail(kGoogle), "google.com", "x=1700000000; "), Provenance::kOperator,
       "google.com", true, "", "import", "a.eml", vouch},
      {"the operator, unsigned", ReportMail(kGoogle), Provenance::kOperator, "google.com",
       true, "", "import", "a.eml", vouch},
      {"the operator, but the signature says more",
       Signed(ReportMail(kGoogle), "google.com"), Provenance::kDkim, "google.com", true,
       "", "import", "a.eml", vouch},
      {"not for a bad signature", tampered, Provenance::kNone, "", true, "--vouch=all",
       "import", "a.eml", vouch},
      {"nor for an old one of another body",
       altered(Signed(ReportMail(kGoogle), "google.com", "x=1700000000; ")),
       Provenance::kNone, "", true, "--vouch=all", "import", "a.eml", vouch},
      {"nor where it is limited in length, and more than that was added",
       altered(Signed(ReportMail(kGoogle), "google.com", "l=10; ")), Provenance::kNone,
       "", true, "--vouch=all", "import", "a.eml", vouch},
      {"but for all", tampered, Provenance::kOperator, "google.com", true, "", "import",
       "a.eml", vouch_all},
      {"the operator's word is about imports only", ReportMail(kGoogle),
       Provenance::kNone, "", true, "no DKIM signature", "smtp", "192.0.2.1:25", vouch},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.why);
    const MailVoucher voucher(Trust(c.imports), keys_, views_);
    const Vouched got = Ask(voucher, Entry(c.mail, c.transport, c.peer));
    EXPECT_EQ(NameOf(got.provenance), NameOf(c.provenance)) << got.why;
    EXPECT_EQ(got.reporter, c.reporter);
    EXPECT_EQ(got.vouching.from_known, c.from_known);
    EXPECT_NE(got.why.find(c.reason), std::string::npos) << got.why;
    EXPECT_EQ(got.why.empty(), IsVouched(c.provenance)) << got.why;
  }
}

// A report that names no policy domain. With other header fields around it, each of which
// its signature may leave out, it would count for anybody's domain.
TEST_F(MailVoucherTest, ADomainThatIsNotSignedIsNotVouchedFor) {
  const std::string field = "TLS-Report-Domain: a.example\r\n";
  const std::string subject = "Subject: Report Domain: b.example\r\n";
  const std::string named = "; name=\"x!c.example!1!2.json\"";
  std::string nameless = kReport;
  nameless.erase(nameless.find(R"(,"policy-domain":"firm.example")"), 31);
  const auto mail = [&](const std::string& fields, const std::string& name,
                        const std::string& json) {
    return std::string("From: ") + kGoogle + "\r\n" + fields +
           "Content-Type: multipart/report; report-type=tlsrpt; boundary=b\r\n\r\n"
           "--b\r\nContent-Type: application/tlsrpt+json" +
           name + "\r\n\r\n" + json + "\r\n--b--\r\n";
  };
  const auto sign = [&](const std::string& text, const std::string& fields) {
    SignOptions options;
    options.key = test::RsaKey();
    options.domain = "google.com";
    options.signed_fields = fields;
    return test::Sign(text, options);
  };
  const auto broken = [](std::string text) { return text + "a footer\r\n"; };
  const std::string whole = std::string("From: ") + kGoogle +
                            "\r\nContent-Type: application/tlsrpt+json" + named +
                            "\r\n\r\n" + nameless;
  const ImportVouching vouch{.word = OperatorWord::kUnlessSignatureIsBad};
  constexpr const char* kRelayPeer = "198.51.100.7:25";
  const struct {
    const char* why;
    std::string mail;
    Provenance provenance;
    const char* domain;
    const char* transport = "smtp";
    const char* peer = "192.0.2.1:25";
    ImportVouching imports = {};
  } rows[] = {
      {"a field that is signed",
       sign(mail(field, "", nameless), "From:TLS-Report-Domain"), Provenance::kDkim,
       "a.example"},
      {"and one that is not", sign(mail(field, "", nameless), "From:Subject"),
       Provenance::kNone, "a.example"},
      {"the Subject is", sign(mail(field + subject, "", nameless), "From:Subject"),
       Provenance::kDkim, "b.example"},
      {"neither is", sign(mail(field + subject, "", nameless), "From"), Provenance::kNone,
       "a.example"},
      {"but the body is", sign(mail(field + subject, named, nameless), "From"),
       Provenance::kDkim, "c.example"},
      {"a file's name in the header", sign(whole, "From"), Provenance::kNone,
       "c.example"},
      {"the report itself says it", sign(mail(field, "", kReport), "From"),
       Provenance::kDkim, "firm.example"},
      {"nobody signed", mail(field + subject, "", nameless), Provenance::kNone,
       "a.example"},
      {"a relay saw a signature of it",
       Relayed(broken(sign(mail(field, "", nameless), "From:TLS-Report-Domain"))),
       Provenance::kAuthserv, "a.example", "smtp", kRelayPeer},
      {"a relay saw one that leaves it out",
       Relayed(broken(sign(mail(field, "", nameless), "From"))), Provenance::kNone,
       "a.example", "smtp", kRelayPeer},
      {"a relay saw one, and nobody knows which", Relayed(mail(field, "", nameless)),
       Provenance::kNone, "a.example", "smtp", kRelayPeer},
      {"the operator knows where it is from", sign(mail(field, "", nameless), "From"),
       Provenance::kOperator, "a.example", "import", "a.eml", vouch},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const MailVoucher voucher(Trust(row.imports), keys_, views_);
    const SpoolEntry entry = Entry(row.mail, row.transport, row.peer);
    const store::OwnDomains own({"a.example", "b.example", "c.example", "firm.example"},
                                {});
    const store::ReceiptRecord record = Process(
        entry, {.own = own, .voucher = voucher, .counted_reporters = {}, .node = "test"});
    ASSERT_EQ(record.reports.size(), 1u) << record.receipt.reason_detail;
    EXPECT_EQ(record.reports[0].policy_domain, row.domain);
    EXPECT_EQ(NameOf(record.reports[0].provenance), NameOf(row.provenance))
        << record.reports[0].vouching.why;
    EXPECT_EQ(record.reports[0].vouching.why.empty(), IsVouched(row.provenance));
  }
}

TEST_F(MailVoucherTest, WhatTheSignatureSaysIsKept) {
  const MailVoucher voucher(Trust(), keys_, views_);
  const SpoolEntry entry =
      Entry(Signed(ReportMail("a@tls.example"), "tls.example"), "smtp", "192.0.2.1:25");
  const Vouched got = Ask(voucher, entry);
  EXPECT_EQ(got.vouching.signing_domain, "tls.example");
  EXPECT_EQ(got.vouching.selector, "sel");
  EXPECT_EQ(got.vouching.algorithm, "rsa-sha256");
  EXPECT_EQ(got.vouching.key_bits, 1024);
  EXPECT_TRUE(got.vouching.dnssec);
  EXPECT_TRUE(got.vouching.tlsrpt_key);
  EXPECT_EQ(got.vouching.from_address, "a@tls.example");
  const auto results = voucher.ForEntry(entry)->DkimResults();
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0],
            "dkim=pass header.d=tls.example header.s=sel header.a=rsa-sha256");
}

// The receipt keeps it below what came of the signatures; a look at it in a year has
// nothing else to go by.
TEST_F(MailVoucherTest, WhatTheRelaySaidIsKept) {
  using testing::ElementsAre;
  using testing::StartsWith;
  std::string changed = Signed(ReportMail(kGoogle), "google.com");
  changed.replace(changed.find("count\":3"), 8, "count\":9");
  const auto of = [&](const std::string& mail, const char* peer = "198.51.100.7:25") {
    const MailVoucher voucher(Trust(), keys_, views_);
    return voucher.ForEntry(Entry(mail, "smtp", peer))->DkimResults();
  };
  const auto bad = StartsWith("dkim=fail (");
  EXPECT_THAT(of(Relayed(changed)),
              ElementsAre(bad, "relay: dkim=pass header.d=google.com"));
  EXPECT_THAT(of(Relayed(changed, "dkim=pass header.d=a.google.com")),
              ElementsAre(bad, "relay: dkim=pass header.d=a.google.com"));
  EXPECT_THAT(of(Relayed(ReportMail(kGoogle))),
              ElementsAre("relay: dkim=pass header.d=google.com"));
  EXPECT_THAT(of(Relayed(changed, "dkim=fail header.d=google.com")), ElementsAre(bad));
  EXPECT_THAT(of(Relayed(changed, "dkim=pass header.d=evil.example")), ElementsAre(bad));
  EXPECT_THAT(of(Relayed(changed), "192.0.2.1:25"), ElementsAre(bad));
}

TEST_F(MailVoucherTest, WhoWaitsForDns) {
  keys_.SetPending();
  struct Row {
    const char* why;
    std::string mail;
    const char* awaited;
    const char* peer = "192.0.2.1:25";
  };
  const Row rows[] = {
      {"its key", Signed(ReportMail(kGoogle), "google.com"), "google.com"},
      {"a key that could not vouch", Signed(ReportMail(kGoogle), "evil.example"), ""},
      {"no signature", ReportMail(kGoogle), ""},
      {"a relay vouches already", Relayed(Signed(ReportMail(kGoogle), "google.com")), "",
       "198.51.100.7:25"},
      {"two From fields, which never vouch",
       Signed("From: x@evil.example\r\n" + ReportMail(kGoogle), "google.com"), ""},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    const MailVoucher voucher(Trust(), keys_, views_);
    const auto own = voucher.ForEntry(Entry(row.mail, "smtp", row.peer));
    ASSERT_NE(own, nullptr);
    EXPECT_EQ(own->AwaitedDomain(), row.awaited);
  }
}

// What could not be unpacked is whose it is only where that address sends nothing else.
TEST_F(MailVoucherTest, WhoseIsWhatCannotBeRead) {
  const MailVoucher voucher(Trust(), keys_, views_);
  const auto ask = [&](const std::string& from) {
    const SpoolEntry entry =
        Entry(Signed(ReportMail(from), "google.com"), "smtp", "192.0.2.1:25");
    return voucher.ForEntry(entry)->Vouch(entry, ReportPart{}, nullptr).provenance;
  };
  EXPECT_EQ(ask(kGoogle), Provenance::kDkim);
  EXPECT_EQ(ask("mailer-daemon@google.com"), Provenance::kNone);
  // A field that is put before a signed one leaves the signature as it is: the mail of a
  // report about somebody else would be unreadable, and about nobody.
  for (const char* put :
       {"Content-Type: application/tlsrpt+gzip\r\n", "Subject: x\r\n"}) {
    const SpoolEntry entry =
        Entry(put + Signed(ReportMail(kGoogle), "google.com"), "smtp", "192.0.2.1:25");
    const auto looked = voucher.ForEntry(entry);
    EXPECT_THAT(looked->DkimResults().at(0), testing::StartsWith("dkim=pass")) << put;
    EXPECT_EQ(looked->Vouch(entry, ReportPart{}, nullptr).provenance, Provenance::kNone)
        << put;
  }
}

TEST_F(MailVoucherTest, WhatIsPostedIsAnothersToSay) {
  const OperatorVouches posted;
  const MailVoucher with(Trust(), keys_, views_, &posted);
  const MailVoucher without(Trust(), keys_, views_);
  const SpoolEntry entry =
      Entry(Signed(ReportMail(kGoogle), "google.com"), "https", "192.0.2.1:443");
  EXPECT_EQ(Ask(with, entry).provenance, Provenance::kOperator);
  EXPECT_EQ(Ask(without, entry).provenance, Provenance::kNone);
}

}  // namespace
}  // namespace tlsrpt::ingest
