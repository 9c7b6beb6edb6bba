// Who is to be evaluated again, when reports come in and when an administrator turns
// something.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/admin/domain_list.h"
#include "store/admin/exceptions.h"
#include "store/work/work.h"
#include "store/writer/observations.h"
#include "store/writer/quarantine_drop.h"
#include "store/writer/reporter_list.h"
#include "store/writer/writer.h"
#include "tests/support/migrated_database.h"
#include "tests/support/records.h"

namespace tlsrpt::store {
namespace {

using namespace std::chrono;  // NOLINT: literals

using test::Cell;
using test::Detail;
using test::kReceived;
using test::MakeRecord;
using test::MakeReport;
using test::Sts;

PolicyResult Tlsa(std::int64_t success, std::int64_t failure = 0) {
  PolicyResult result;
  result.policy_type = PolicyType::kTlsa;
  result.policy_domain = "mx1.firm.example";
  result.success_sessions = success;
  result.failure_sessions = failure;
  result.unexplained_sessions = failure;
  return result;
}

class RequestsTest : public testing::Test {
 protected:
  RequestsTest() {
    Sql("INSERT INTO domain VALUES (now(), 'firm.example', 'command'),"
        " (now(), 'other.example', 'command'), (now(), 'third.example', 'command')");
  }

  void Sql(const std::string& sql) {
    const auto failed = test::Failure(*ingest_, sql);
    ASSERT_FALSE(failed) << failed->error.message;
  }
  void Write(const std::vector<ReceiptRecord>& records) {
    const auto written = writer_.Write(records);
    ASSERT_TRUE(written.has_value()) << written.error().message;
    ASSERT_TRUE(written->refused.empty()) << written->refused[0].message;
  }
  // "a.example 1,b.example 2", with the generation.
  std::string Requested() {
    return Cell(*ingest_,
                "SELECT string_agg(domain || ' ' || generation, ',' ORDER BY domain)"
                " FROM work WHERE kind = 'evaluate'");
  }
  void Request(EvidenceChange change) {
    ASSERT_TRUE(ingest_->Transact(
        [&](Transaction& tx) { RequestEvaluation(tx, std::move(change)); }));
  }
  // As if what waits had waited.
  void Due() { Sql("UPDATE work SET not_before = now() - interval '1 minute'"); }
  std::vector<WorkItem> Take(const std::string& holder) {
    auto items = TakeSomeWork(*taker_, kWorkEvaluate, holder, 60s, 10);
    if (!items) throw std::runtime_error(items.error().error.message);
    return *std::move(items);
  }

  test::TestDatabase database_ = test::MakeMigratedDatabase();
  std::unique_ptr<Connection> ingest_ =
      test::OpenOrDie(database_.dsn(), "tlsrptd_ingest");
  std::unique_ptr<Connection> taker_ = test::OpenOrDie(database_.dsn(), "tlsrptd_api");
  Writer writer_{{.dsn = database_.dsn(), .role = "tlsrptd_ingest"}, "test"};
};

TEST_F(RequestsTest, AVouchedReportHasItsDomainEvaluated) {
  Write({MakeRecord({MakeReport("one", {Sts(10)}), MakeReport("two", {Sts(10)})})});
  EXPECT_EQ(Requested(), "firm.example 1");
  EXPECT_TRUE(Take("early").empty()) << "others are on their way";
  Due();
  EXPECT_EQ(Take("one").size(), 1u);
}

// Or they could keep it waiting, and off the list of those that are ready, for ever.
TEST_F(RequestsTest, StrangersHaveNothingEvaluated) {
  Write({MakeRecord({MakeReport("one", {Sts(10)})}, Provenance::kNone)});
  EXPECT_EQ(Requested(), "NULL");
}

TEST_F(RequestsTest, AReplayedOrKnownReportChangesNothing) {
  const ReceiptRecord record = MakeRecord({MakeReport("one", {Sts(10)})});
  Write({record});
  Sql("DELETE FROM work");
  Write({record});
  Write({MakeRecord({MakeReport("one", {Sts(10)})})});
  EXPECT_EQ(Requested(), "NULL");
}

TEST_F(RequestsTest, ReportsThatNeverEndPutNothingOff) {
  Request({.names = {"firm.example"}, .failing_hosts = {}});
  Due();
  const std::string before = Cell(*ingest_, "SELECT max(not_before) FROM work");
  Request({.names = {"firm.example"}, .failing_hosts = {}});
  EXPECT_EQ(Cell(*ingest_, "SELECT max(not_before) FROM work"), before);
  EXPECT_EQ(Requested(), "firm.example 1") << "nothing in hand: nothing to do again";
}

TEST_F(RequestsTest, WhatComesWhileItIsInHandIsDoneOnceMoreAndLater) {
  Request({.names = {"firm.example"}, .failing_hosts = {}});
  Due();
  const auto items = Take("one");
  ASSERT_EQ(items.size(), 1u);
  Request({.names = {"firm.example"}, .failing_hosts = {}});
  EXPECT_EQ(Requested(), "firm.example 2");
  ASSERT_TRUE(FinishWork(*taker_, items[0], "one"));
  EXPECT_EQ(Requested(), "firm.example 2");
  EXPECT_TRUE(Take("two").empty()) << "so soon after the one before";
  Due();
  EXPECT_EQ(Take("two").size(), 1u);
}

// A taker that came between the request and its COMMIT would read the evidence as it was
// and forget the request.
TEST_F(RequestsTest, NobodyTakesItBeforeItsCauseIsCommitted) {
  Request({.names = {"firm.example", "other.example"}, .failing_hosts = {}});
  Due();
  ASSERT_TRUE(ingest_->Transact([&](Transaction& tx) {
    RequestEvaluation(tx, {.names = {"firm.example"}, .failing_hosts = {}});
    const auto taken = Take("meanwhile");
    ASSERT_EQ(taken.size(), 1u);
    EXPECT_EQ(taken[0].domain, "other.example");
  }));
  const auto taken = Take("afterwards");
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].domain, "firm.example");
}

TEST_F(RequestsTest, FailuresAtAnMxConcernEveryDomainThatItServes) {
  Sql("INSERT INTO mx_host VALUES (now(), 'firm.example', 'mx1.firm.example', "
      "'reported'),"
      " (now(), 'third.example', 'mx1.firm.example', 'reported')");
  Write({MakeRecord({MakeReport("one", {Tlsa(10)})})});
  EXPECT_EQ(Requested(), "NULL") << "a success there makes nothing worse";
  Write({MakeRecord({MakeReport("two", {Tlsa(10, 1)})})});
  EXPECT_EQ(Requested(), "firm.example 1,third.example 1");

  // Another MX took the mail, and Postfix counts no failure in the summary.
  Sql("DELETE FROM work");
  PolicyResult in_detail = Tlsa(10);
  in_detail.details = {Detail(ResultType::kCertificateExpired, 1)};
  Write({MakeRecord({MakeReport("three", {in_detail})})});
  EXPECT_EQ(Requested(), "firm.example 1,third.example 1");
}

// A node takes it by its list of a moment ago; the domain was added on another.
TEST_F(RequestsTest, WhatIsHeldAsForeignConcernsWhomItNames) {
  Sql("INSERT INTO mx_host VALUES (now(), 'third.example', 'mx1.third.example', "
      "'reported')");
  ReceiptRecord held = MakeRecord({});
  held.receipt.foreign_domains = {"mx1.third.example", "nobody.example", "other.example"};
  Write({held});
  EXPECT_EQ(Requested(), "other.example 1,third.example 1");
  Sql("DELETE FROM work");
  ReceiptRecord strangers = MakeRecord({}, Provenance::kNone);
  strangers.receipt.foreign_domains = {"other.example"};
  Write({strangers});
  EXPECT_EQ(Requested(), "NULL");
}

TEST_F(RequestsTest, FailuresAtAnMxOfEveryDomainConcernThemAll) {
  ASSERT_TRUE(AddMxHosts(*ingest_, {"mx1.firm.example"}, kReceived));
  EXPECT_EQ(Requested(), " 1") << "evidence on every domain is read with it now";
  Sql("DELETE FROM work");
  Write({MakeRecord({MakeReport("one", {Tlsa(10, 1)})})});
  EXPECT_EQ(Requested(), " 1");
}

TEST_F(RequestsTest, WhatIsHeldConcernsWhomItNames) {
  ReceiptRecord held = MakeRecord({});
  held.receipt.quarantined_count = held.receipt.report_count = 1;
  held.receipt.quarantined_domains = {"other.example"};
  Write({held});
  EXPECT_EQ(Requested(), "other.example 1");
  Sql("DELETE FROM work");
  const ReceiptId id{floor<days>(kReceived), held.receipt.receipt_id};
  const auto dropped =
      DropFromQuarantine(*ingest_, id, {.by = "root", .why = "noise", .now = kReceived});
  ASSERT_TRUE(dropped.has_value());
  EXPECT_EQ(Requested(), "other.example 1");

  Sql("DELETE FROM work");
  ReceiptRecord about_any = MakeRecord({});
  about_any.receipt.quarantined_count = about_any.receipt.report_count = 1;
  about_any.receipt.quarantined_domains = {"*"};
  Write({about_any});
  EXPECT_EQ(Requested(), " 1");

  Sql("DELETE FROM work");
  ReceiptRecord strangers = MakeRecord({}, Provenance::kNone);
  strangers.receipt.quarantined_count = strangers.receipt.report_count = 1;
  strangers.receipt.quarantined_domains = {"*"};
  Write({strangers});
  EXPECT_EQ(Requested(), "NULL");
}

TEST_F(RequestsTest, WhatIsHeldAboutAnMxHostConcernsWhomItServes) {
  Sql("INSERT INTO mx_host VALUES (now(), 'firm.example', 'mx1.firm.example', "
      "'reported'),"
      " (now(), 'third.example', 'mx1.firm.example', 'reported')");
  ReceiptRecord held = MakeRecord({});
  held.receipt.quarantined_count = held.receipt.report_count = 1;
  held.receipt.quarantined_domains = {"mx1.firm.example"};
  Write({held});
  EXPECT_EQ(Requested(), "firm.example 1,third.example 1");
}

TEST_F(RequestsTest, WhatAnAdministratorTurns) {
  ASSERT_TRUE(
      AddDomains(*ingest_, {"new.example", ".below.example"}, "command", kReceived));
  EXPECT_EQ(Requested(), "new.example 1") << "no report is about .below.example";
  Sql("DELETE FROM work");
  ASSERT_TRUE(*RemoveDomain(*ingest_, "new.example"));
  EXPECT_EQ(Requested(), "new.example 1") << "its status has to go";
  Sql("DELETE FROM work");
  ASSERT_FALSE(*RemoveDomain(*ingest_, "new.example"));
  EXPECT_EQ(Requested(), "NULL");

  ReporterProfile partner;
  partner.reporter = "partner.example";
  ASSERT_TRUE(AddReporter(*ingest_, partner, kReceived));
  EXPECT_EQ(Requested(), " 1");
  Sql("DELETE FROM work");
  Mute mute;
  mute.reporter = "google.com";
  mute.who = "root";
  mute.why = "noise";
  mute.made_at = kReceived;
  mute.until = test::kDay + days{30};
  ASSERT_TRUE(AddMute(*ingest_, mute));
  EXPECT_EQ(Requested(), " 1");
  Sql("DELETE FROM work");
  ASSERT_TRUE(WithdrawMutes(*ingest_, "google.com", kReceived + 1h));
  EXPECT_EQ(Requested(), " 1");
  Sql("DELETE FROM work");
  ASSERT_TRUE(WithdrawMutes(*ingest_, "google.com", kReceived + 2h));
  EXPECT_EQ(Requested(), "NULL") << "there was none";
}

// Nothing else would notice before the domain's turn comes that a certificate is bad.
TEST_F(RequestsTest, ALookAtTheLiveDomain) {
  ObservationRecord look;
  look.policy_domain = "other.example";
  look.node = "a";
  look.observation.observed_at = kReceived;
  ASSERT_TRUE(AddObservations(*ingest_, {&look, 1}).has_value());
  EXPECT_EQ(Requested(), "other.example 1");
}

TEST_F(RequestsTest, WhatIsMadeDifferentForADomain) {
  const auto admin = test::OpenOrDie(database_.dsn(), "tlsrptd_admin");
  Waiver waiver;
  waiver.result_type = "validation-failure";
  waiver.who = "root";
  waiver.why = "known";
  waiver.made_at = kReceived;
  const auto id = AddWaiver(*admin, "firm.example", waiver);
  ASSERT_TRUE(id.has_value()) << id.error().error.message;
  EXPECT_EQ(Requested(), "firm.example 1");
  Sql("DELETE FROM work");
  ASSERT_TRUE(WithdrawWaiver(*admin, "firm.example", *id, "root", kReceived + 1h));
  EXPECT_EQ(Requested(), "firm.example 1");
  Sql("DELETE FROM work");
  DomainSetting setting;
  setting.name = setting.plain_name = "window_days";
  setting.value = "21";
  setting.set_by = "root";
  setting.set_at = kReceived;
  ASSERT_TRUE(SetDomainSettings(*admin, "firm.example", {setting}));
  EXPECT_EQ(Requested(), "firm.example 1");
}

// The API adds domains under a role that sees no report.
TEST_F(RequestsTest, AnAdministratorMayAsk) {
  const auto admin = test::OpenOrDie(database_.dsn(), "tlsrptd_admin");
  ASSERT_TRUE(AddDomains(*admin, {"new.example"}, "command", kReceived));
  ASSERT_TRUE(*RemoveDomain(*admin, "firm.example"));
  EXPECT_EQ(Requested(), "firm.example 1,new.example 1");
}

}  // namespace
}  // namespace tlsrpt::store
