#include "ingest/rework/kept_voucher.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ingest/flow/mail_voucher.h"
#include "ingest/flow/process.h"
#include "tests/support/dkim/signer.h"
#include "tests/support/records.h"

namespace tlsrpt::ingest {
namespace {

using store::Provenance;

struct Row {
  const char* why;
  Provenance of_receipt;
  const char* reporter;
  std::optional<Provenance> of_report;  // a row that the receipt owns
  bool vouchable;
  bool readable;
  Provenance want;
  const char* want_reporter;
};

const Row kRows[] = {
    {"nobody did when it came",
     Provenance::kNone,
     "",
     {},
     true,
     true,
     Provenance::kNone,
     ""},
    {"a signature did, for this part",
     Provenance::kDkim,
     "google.com",
     {},
     true,
     true,
     Provenance::kDkim,
     "google.com"},
    {"and for what cannot be read: it holds `ready` back",
     Provenance::kDkim,
     "google.com",
     {},
     true,
     false,
     Provenance::kDkim,
     "google.com"},
    {"a signature vouches for nothing deeper",
     Provenance::kDkim,
     "google.com",
     {},
     false,
     true,
     Provenance::kNone,
     ""},
    {"a relay's word is as a signature",
     Provenance::kAuthserv,
     "google.com",
     {},
     false,
     true,
     Provenance::kNone,
     ""},
    {"an operator vouches for all of a file, as whom contact-info names",
     Provenance::kOperator,
     "",
     {},
     false,
     true,
     Provenance::kOperator,
     "google.com"},
    {"whom it names is not known of what cannot be read",
     Provenance::kOperator,
     "",
     {},
     false,
     false,
     Provenance::kOperator,
     ""},
    {"nor does a row of the mail's own part vouch for a copy deeper in it",
     Provenance::kDkim, "google.com", Provenance::kDkim, false, true, Provenance::kNone,
     ""},
    {"and the copy's row takes nothing from the mail's own part", Provenance::kDkim,
     "google.com", Provenance::kNone, true, true, Provenance::kDkim, "google.com"},
    {"an operator's word for a copy stays, though a signature was noted of the mail",
     Provenance::kDkim, "google.com", Provenance::kOperator, false, true,
     Provenance::kOperator, "google.com"},
    {"of two that vouch, the row's", Provenance::kOperator, "", Provenance::kDkim, true,
     true, Provenance::kDkim, "google.com"},
};

TEST(KeptVoucher, Table) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    const store::Report report = test::MakeReport("one", {test::Sts(1)});
    const store::ReporterProfiles profiles;
    store::KeptReceipt kept;
    kept.receipt.provenance = row.of_receipt;
    kept.receipt.reporter = row.reporter;
    if (row.of_report) {
      const auto record = test::MakeRecord({report}, *row.of_report);
      kept.owned.push_back(store::KeptFormOf(record.reports.front()));
    }
    ReportPart part;
    part.vouchable = row.vouchable;
    const Vouched got =
        KeptVoucher(kept, profiles).Vouch({}, part, row.readable ? &report : nullptr);
    EXPECT_EQ(got.provenance, row.want);
    EXPECT_EQ(got.reporter, row.want_reporter);
  }
}

TEST(KeptVoucher, ARowSpeaksForItsOwnReportOnly) {
  const store::ReporterProfiles profiles;
  store::KeptReceipt kept;
  const auto record =
      test::MakeRecord({test::MakeReport("one", {test::Sts(1)})}, Provenance::kOperator);
  kept.owned.push_back(store::KeptFormOf(record.reports.front()));
  const store::Report other = test::MakeReport("two", {test::Sts(1)});
  EXPECT_EQ(KeptVoucher(kept, profiles).Vouch({}, {}, &other).provenance,
            Provenance::kNone);
}

// Or the mail that owns a row would become another report than a duplicate of it, of
// which nothing is kept but the mail itself.
TEST(KeptVoucher, AProfileThatWasCompletedSinceKnowsWhatIsStored) {
  const store::Report report = test::MakeReport("one", {test::Sts(1)});
  store::KeptReceipt kept;
  kept.receipt.provenance = Provenance::kDkim;
  kept.receipt.reporter = "partner.example";
  auto record = test::MakeRecord({report}, Provenance::kDkim, "partner.example");
  store::Vouching& vouching = record.reports.front().vouching;
  vouching.from_address = "tlsrpt@partner.example";
  vouching.signing_domain = "partner.example";
  vouching.from_known = false;
  kept.owned.push_back(store::KeptFormOf(record.reports.front()));
  const auto from_known = [&](const store::ReporterProfiles& profiles) {
    ReportPart part;
    part.vouchable = true;
    return KeptVoucher(kept, profiles).Vouch({}, part, &report).vouching.from_known;
  };
  EXPECT_FALSE(from_known(store::ReporterProfiles()));
  store::ReporterProfile partner;
  partner.reporter = "partner.example";
  partner.signing_domains = {"partner.example"};
  partner.from_addresses = {"tlsrpt@partner.example"};
  EXPECT_TRUE(from_known(store::ReporterProfiles({partner})));
}

// Nothing is stored of it: it was a duplicate, or held. What is found out must be what
// was found when it came, or one mail becomes two reports.
TEST(KeptVoucher, WhatIsLeftOfASignatureAndOfARelaysWord) {
  constexpr const char* kReports = "noreply-smtp-tls-reporting@google.com";
  const struct {
    const char* why;
    Provenance provenance;
    std::vector<std::string> results;
    const char* from;
    bool from_known;
    const char* signing_domain;
  } rows[] = {
      {"its signature",
       Provenance::kDkim,
       {"dkim=pass header.d=google.com header.s=sel"},
       kReports,
       true,
       "google.com"},
      {"from another address",
       Provenance::kDkim,
       {"dkim=pass header.d=google.com header.s=sel"},
       "alice@google.com",
       false,
       "google.com"},
      {"one of a domain that the profile does not have: it may have it some day",
       Provenance::kDkim,
       {"dkim=pass header.d=evil.example", "dkim=pass header.d=a.google.com"},
       kReports,
       false,
       "a.google.com"},
      {"both",
       Provenance::kDkim,
       {"dkim=pass header.d=a.google.com", "dkim=pass header.d=google.com"},
       kReports,
       true,
       "google.com"},
      {"a relay's word",
       Provenance::kAuthserv,
       {"dkim=fail (body hash) header.d=google.com",
        "relay: dkim=pass header.d=google.com"},
       kReports,
       true,
       "google.com"},
      {"about another address",
       Provenance::kAuthserv,
       {"relay: dkim=pass header.d=google.com"},
       "alice@google.com",
       false,
       "google.com"},
      {"about a domain that the profile does not have",
       Provenance::kAuthserv,
       {"dkim=pass header.d=google.com", "relay: dkim=pass header.d=a.google.com"},
       kReports,
       false,
       "a.google.com"},
      {"not asked where a signature vouched",
       Provenance::kDkim,
       {"dkim=pass header.d=a.google.com", "relay: dkim=pass header.d=google.com"},
       kReports,
       false,
       "a.google.com"},
      {"not kept yet, in receipts of before",
       Provenance::kAuthserv,
       {"dkim=fail (body hash) header.d=google.com"},
       kReports,
       true,
       ""},
      {"the same from another address",
       Provenance::kAuthserv,
       {"dkim=fail (body hash) header.d=google.com"},
       "alice@google.com",
       false,
       ""},
  };
  const store::Report report = test::MakeReport("one", {test::Sts(1)});
  const store::ReporterProfiles profiles;
  ReportPart part;
  part.vouchable = true;
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    store::KeptReceipt kept;
    kept.receipt.provenance = row.provenance;
    kept.receipt.reporter = "google.com";
    kept.receipt.dkim_results = row.results;
    SpoolEntry entry;
    entry.body = std::string("From: ") + row.from + "\r\n\r\n";
    const Vouched got = KeptVoucher(kept, profiles).Vouch(entry, part, &report);
    EXPECT_EQ(got.provenance, row.provenance);
    EXPECT_EQ(got.vouching.from_known, row.from_known);
    EXPECT_EQ(got.vouching.signing_domain, row.signing_domain);
    EXPECT_EQ(got.vouching.from_address, row.from);
  }
}

// What verifying a mail again finds.
class Verified final : public Voucher {
 public:
  explicit Verified(Provenance provenance) : provenance_(provenance) {}
  Vouched Vouch(const SpoolEntry&, const ReportPart&,
                const store::Report*) const override {
    return {provenance_, IsVouched(provenance_) ? "evil.example" : "", "found now"};
  }

 private:
  const Provenance provenance_;
};

TEST(KeptVoucher, VerifyingAgainAddsAndTakesNothingAway) {
  const store::Report report = test::MakeReport("one", {test::Sts(1)});
  const store::ReporterProfiles profiles;
  for (const auto of_report : {Provenance::kNone, Provenance::kDkim}) {
    for (const auto found : {Provenance::kNone, Provenance::kDkim}) {
      store::KeptReceipt kept;
      kept.receipt.provenance = of_report;
      const auto record = test::MakeRecord({report}, of_report);
      kept.owned.push_back(store::KeptFormOf(record.reports.front()));
      const Verified verified(found);
      ReportPart part;
      part.vouchable = true;
      const Vouched got = KeptVoucher(kept, profiles, &verified).Vouch({}, part, &report);
      if (IsVouched(of_report)) {
        EXPECT_EQ(got.reporter, "google.com") << "as it was found when it came";
      } else {
        EXPECT_EQ(got.provenance, found);
        EXPECT_EQ(got.reporter, IsVouched(found) ? "evil.example" : "");
      }
    }
  }
}

class OneKey final : public KeySource {
 public:
  std::optional<DkimKeyAnswer> Find(const std::string&) override {
    DkimKeyAnswer answer;
    answer.status = DkimKeyAnswer::Status::kFound;
    answer.records = {test::RecordOf(test::RsaKey())};
    return answer;
  }
};

// The report names no domain; that of the mail counts where it is signed. Whether it is
// stored or was a duplicate, a later look must find what was found when it came.
TEST(KeptVoucher, ADomainFromTheMailIsVouchedForAsOnArrival) {
  OneKey keys;
  DomainViews views;
  views.Set({.own = {}, .counted_reporters = {}});
  const store::OwnDomains own({"a.example", "b.example"}, {});
  const std::string mail =
      "From: noreply-smtp-tls-reporting@google.com\r\n"
      "TLS-Report-Domain: a.example\r\nSubject: Report Domain: b.example\r\n"
      "Content-Type: application/tlsrpt+json\r\n\r\n"
      R"({"organization-name":"x","date-range":{"start-datetime":)"
      R"("2026-11-10T00:00:00Z","end-datetime":"2026-11-10T23:59:59Z"},)"
      R"("contact-info":"a@x.example","report-id":"1","policies":[{"policy":)"
      R"({"policy-type":"no-policy-found"},"summary":)"
      R"({"total-successful-session-count":3,"total-failure-session-count":0}}]})";
  const struct {
    const char* signed_fields;
    bool relayed;  // and its body changed
    Provenance provenance;
    const char* domain;
  } rows[] = {
      {"From:Subject:TLS-Report-Domain", false, Provenance::kDkim, "a.example"},
      {"From:Subject", false, Provenance::kDkim, "b.example"},
      {"From", false, Provenance::kNone, "a.example"},
      {"From:Subject", true, Provenance::kAuthserv, "b.example"},
      {"From", true, Provenance::kNone, "a.example"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(std::string(row.signed_fields) + (row.relayed ? ", relayed" : ""));
    test::SignOptions options;
    options.key = test::RsaKey();
    options.domain = "google.com";
    options.signed_fields = row.signed_fields;
    MailTrust trust;
    SpoolEntry entry;
    entry.received_at = test::kReceived;
    entry.transport = "smtp";
    entry.peer = "198.51.100.7:25";
    entry.body = test::Sign(mail, options);
    if (row.relayed) {
      trust.authserv.authserv_ids = {"mx.relay.example"};
      trust.relays = {net::ParseNetwork("198.51.100.0/24").value()};
      entry.body =
          "Authentication-Results: mx.relay.example; dkim=pass header.d=google.com\r\n"
          "Received: from a.google.com by mx.relay.example; Mon, 23 Nov 2026 06:00:00 "
          "+0000\r\n" +
          entry.body.replace(entry.body.find("policies\":"), 10, "policies\": ");
    }
    const MailVoucher voucher(std::move(trust), keys, views);
    const auto process = [&](const Voucher& who) {
      return Process(
          entry, {.own = own, .voucher = who, .counted_reporters = {}, .node = "test"});
    };
    const store::ReceiptRecord record = process(voucher);
    ASSERT_EQ(record.reports.size(), 1u) << record.receipt.reason_detail;
    const auto expect = [&](const store::ReceiptRecord& got) {
      ASSERT_EQ(got.reports.size(), 1u);
      EXPECT_EQ(got.reports[0].policy_domain, row.domain);
      EXPECT_EQ(NameOf(got.reports[0].provenance), NameOf(row.provenance));
    };
    expect(record);
    store::KeptReceipt kept;
    kept.receipt = record.receipt;
    const store::ReporterProfiles profiles;
    expect(process(KeptVoucher(kept, profiles)));
    // And what it was vouched for when nobody asked whether its domain is signed.
    store::FiledReport before = record.reports[0];
    before.provenance = row.relayed ? Provenance::kAuthserv : Provenance::kDkim;
    before.reporter = "google.com";
    for (const store::FiledReport& row_of_it : {record.reports[0], before}) {
      kept.owned = {store::KeptFormOf(row_of_it)};
      kept.receipt.provenance = row_of_it.provenance;
      kept.receipt.reporter = row_of_it.reporter;
      expect(process(KeptVoucher(kept, profiles)));
    }
  }
}

}  // namespace
}  // namespace tlsrpt::ingest
