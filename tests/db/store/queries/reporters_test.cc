#include "store/queries/reporters.h"

#include <gtest/gtest.h>

#include "store/queries/evidence.h"
#include "store/writer/reporter_list.h"
#include "store/writer/writer.h"
#include "tests/support/migrated_database.h"
#include "tests/support/records.h"

namespace tlsrpt::store {
namespace {

using namespace std::chrono;  // NOLINT: literals and days

using test::kDay;
using test::kReceived;
using Names = std::vector<std::string>;

class ReportersTest : public testing::Test {
 protected:
  ReportersTest()
      : api_(test::OpenOrDie(database_.dsn(), "tlsrptd_api")),
        ingest_(test::OpenOrDie(database_.dsn(), "tlsrptd_ingest")),
        writer_({.dsn = database_.dsn(), .role = "tlsrptd_ingest"}, "test") {}

  test::TestDatabase database_ = test::MakeMigratedDatabase();
  std::unique_ptr<Connection> api_;
  std::unique_ptr<Connection> ingest_;
  Writer writer_;
};

TEST_F(ReportersTest, WhatIsAddedIsInForce) {
  EXPECT_EQ(ReadProfiles(*api_)->all().size(), ShippedReporters().size());
  ReporterProfile partner;
  partner.reporter = "partner.example";
  partner.name = "Partner";
  partner.signing_domains = {"partner.example"};
  partner.from_addresses = {"tls@partner.example"};
  ASSERT_TRUE(AddReporter(*ingest_, partner, kReceived).has_value());
  partner.name.clear();
  partner.signing_domains = {"mail.partner.example"};
  partner.from_addresses = {"more@partner.example", "tls@partner.example"};
  ASSERT_TRUE(AddReporter(*ingest_, partner, kReceived).has_value()) << "completes it";

  const auto profiles = ReadProfiles(*api_);
  ASSERT_TRUE(profiles.has_value()) << profiles.error().error.message;
  const ReporterProfile* const found = profiles->Find("partner.example");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->name, "Partner");
  EXPECT_EQ(found->signing_domains, (Names{"mail.partner.example", "partner.example"}));
  EXPECT_EQ(found->from_addresses,
            (Names{"more@partner.example", "tls@partner.example"}));
  EXPECT_TRUE(profiles->Counted().contains("partner.example"));
  EXPECT_TRUE(profiles->Counted().contains("google.com"));
}

TEST_F(ReportersTest, MutesComeAndGoAndAreRemembered) {
  Mute mute;
  mute.reporter = "noisy.example";
  mute.who = "root";
  mute.why = "their resolver is broken";
  mute.made_at = kReceived;
  mute.until = kDay + days{40};
  ASSERT_TRUE(AddMute(*ingest_, mute).has_value());
  EXPECT_EQ(*WithdrawMutes(*ingest_, "other.example", kReceived + 1h), 0u);
  EXPECT_EQ(*WithdrawMutes(*ingest_, "noisy.example", kReceived + 2h), 1u);
  EXPECT_EQ(*WithdrawMutes(*ingest_, "noisy.example", kReceived + 3h), 0u) << "once";
  mute.made_at = kReceived + 4h;
  mute.until = kDay + days{11};
  ASSERT_TRUE(AddMute(*ingest_, mute).has_value());
  EXPECT_EQ(*WithdrawMutes(*ingest_, "noisy.example", kReceived + days{5}), 0u)
      << "it has ended by itself";

  const auto mutes = ReadMutes(*api_);
  ASSERT_TRUE(mutes.has_value()) << mutes.error().error.message;
  ASSERT_EQ(mutes->size(), 2u);
  EXPECT_EQ(mutes->at(0).withdrawn_at, kReceived + 2h);
  EXPECT_EQ(mutes->at(1).until, kDay + days{11});
  EXPECT_NE(mutes->at(0).id, mutes->at(1).id);

  // The evidence of a moment holds the mutes as they stood by then.
  const auto at = [&](std::optional<TimePoint> known_at) {
    return ReadEvidence(*api_, {.domain = "firm.example",
                                .mx_hosts = {},
                                .first_day = kDay,
                                .last_day = kDay,
                                .known_at = known_at})
        ->mutes;
  };
  EXPECT_EQ(at({}).size(), 2u);
  EXPECT_EQ(at(kReceived - 1h).size(), 0u);
  ASSERT_EQ(at(kReceived + 1h).size(), 1u);
  EXPECT_EQ(at(kReceived + 1h)[0].withdrawn_at, std::nullopt);
  EXPECT_EQ(at(kReceived + 2h)[0].withdrawn_at, kReceived + 2h);
}

TEST_F(ReportersTest, WhoReportedOnWhat) {
  PolicyResult tlsa = test::Sts(7, 3);
  tlsa.policy_type = PolicyType::kTlsa;
  tlsa.policy.reset();
  ReceiptRecord google =
      test::MakeRecord({test::MakeReport("1", {test::Sts(9, 1), tlsa}),
                        test::MakeReport("2", {test::Sts(2)}, kDay + days{1})},
                       Provenance::kDkim, "google.com");
  for (FiledReport& report : google.reports) {
    report.vouching = {.from_address = "alice@google.com",
                       .from_known = report.report_id == "1",
                       .signing_domain = "google.com",
                       .selector = "s",
                       .algorithm = "rsa-sha256",
                       .key_bits = report.report_id == "1" ? 2048 : 1024,
                       .dnssec = report.report_id == "1",
                       .why = {}};
  }
  ReceiptRecord nobody =
      test::MakeRecord({test::MakeReport("3", {test::Sts(5)})}, Provenance::kNone);
  nobody.reports[0].vouching.why = "no DKIM signature";
  ASSERT_TRUE(writer_.Write(std::vector{google, nobody}).has_value());

  const auto all = ReadReporterActivity(*api_, kDay - days{3}, "");
  ASSERT_TRUE(all.has_value()) << all.error().error.message;
  ASSERT_EQ(all->size(), 2u);
  const ReporterActivity& none = all->at(0);
  EXPECT_EQ(none.reporter, "");
  EXPECT_FALSE(none.vouched);
  EXPECT_EQ(none.why, "no DKIM signature");
  const ReporterActivity& of = all->at(1);
  EXPECT_EQ(of.reporter, "google.com");
  EXPECT_EQ(of.policy_domain, "firm.example");
  EXPECT_TRUE(of.vouched);
  EXPECT_EQ(of.provenances, std::vector{Provenance::kDkim});
  EXPECT_EQ(of.reports, 2);
  EXPECT_EQ(of.days, 2);
  EXPECT_EQ(of.from_unknown, 1);
  EXPECT_EQ(of.last_day, kDay + days{1});
  EXPECT_EQ(of.last_received_at, kReceived);
  EXPECT_TRUE(of.dnssec);
  EXPECT_EQ(of.rsa_bits, 1024) << "the shortest";
  EXPECT_EQ(of.sessions, 10 + 2) << "sts and tlsa are the same sessions";
  EXPECT_EQ(of.most_sessions, 10);

  EXPECT_EQ(ReadReporterActivity(*api_, kDay + days{1}, "")->size(), 1u);
  EXPECT_EQ(ReadReporterActivity(*api_, kDay, "other.example")->size(), 0u);
}

}  // namespace
}  // namespace tlsrpt::store
