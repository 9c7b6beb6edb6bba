#include "ingest/rework/kept_voucher.h"

#include <gtest/gtest.h>

#include <optional>

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
    {"a row keeps what it says, though the mail's form is read otherwise now",
     Provenance::kDkim, "google.com", Provenance::kDkim, false, true, Provenance::kDkim,
     "google.com"},
    {"also where it says nobody, in a mail that is vouched for", Provenance::kDkim,
     "google.com", Provenance::kNone, true, true, Provenance::kNone, ""},
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
    return KeptVoucher(kept, profiles).Vouch({}, {}, &report).vouching.from_known;
  };
  EXPECT_FALSE(from_known(store::ReporterProfiles()));
  store::ReporterProfile partner;
  partner.reporter = "partner.example";
  partner.signing_domains = {"partner.example"};
  partner.from_addresses = {"tlsrpt@partner.example"};
  EXPECT_TRUE(from_known(store::ReporterProfiles({partner})));
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
      const Vouched got = KeptVoucher(kept, profiles, &verified).Vouch({}, {}, &report);
      if (IsVouched(of_report)) {
        EXPECT_EQ(got.reporter, "google.com") << "as it was found when it came";
      } else {
        EXPECT_EQ(got.provenance, found);
        EXPECT_EQ(got.reporter, IsVouched(found) ? "evil.example" : "");
      }
    }
  }
}

}  // namespace
}  // namespace tlsrpt::ingest
