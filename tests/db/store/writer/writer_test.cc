#include "store/writer/writer.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/migrated_database.h"
#include "tests/support/records.h"
#include "tests/support/recount.h"

namespace tlsrpt::store {
namespace {

using namespace std::chrono;  // NOLINT: literals and days

using test::Cell;
using test::Detail;
using test::kDay;
using test::MakeRecord;
using test::MakeReport;
using test::Sts;

class WriterTest : public testing::Test {
 protected:
  WriterTest()
      : database_(test::MakeMigratedDatabase()),
        admin_(test::OpenOrDie(database_.dsn())),
        writer_(Options(), "test") {
    Failure("SET search_path = tlsrptd");
  }

  ConnectOptions Options() const {
    return {.dsn = database_.dsn(), .role = "tlsrptd_ingest"};
  }
  void Failure(const std::string& sql) {
    const auto failed = test::Failure(*admin_, sql);
    if (failed) FAIL() << sql << ": " << failed->error.message;
  }

  // A whole batch is written, none of it refused.
  WriteCounts WriteAll(const std::vector<ReceiptRecord>& records) {
    const auto written = writer_.Write(records);
    EXPECT_TRUE(written.has_value()) << (written ? "" : written.error().message);
    if (!written) return {};
    EXPECT_TRUE(written->refused.empty());
    EXPECT_TRUE(written->no_partition.empty());
    return written->counts;
  }

  std::string Ask(const std::string& sql) { return Cell(*admin_, sql); }
  std::string Counter(const std::string& name) {
    return Ask("SELECT coalesce(sum(value), 0) FROM tlsrptd.node_counter WHERE name = '" +
               name + "'");
  }

  // What every sum in the database must equal, whatever was written in which order.
  void ExpectSumsEqualRecount() { test::ExpectSumsEqualRecount(*admin_); }

  test::TestDatabase database_;
  std::unique_ptr<Connection> admin_;
  Writer writer_;
};

TEST_F(WriterTest, OneReportFillsEveryTable) {
  PolicyResult failing = Sts(10, 5);
  failing.unexplained_sessions = 2;
  failing.details = {Detail(ResultType::kCertificateExpired, 3)};
  const auto record = MakeRecord({MakeReport("one", {failing})});
  EXPECT_EQ(WriteAll({record}).reports_stored, 1);

  EXPECT_EQ(Ask("SELECT policy_domain || ' ' || reporter || ' ' || vouched || ' ' ||"
                " report_id FROM tlsrptd.report"),
            "firm.example google.com true one");
  EXPECT_EQ(Ask("SELECT success_sessions || ' ' || failure_sessions || ' ' ||"
                " unexplained_sessions FROM tlsrptd.policy_result"),
            "10 5 2");
  EXPECT_EQ(Ask("SELECT reason FROM tlsrptd.failure_detail"), "it's a \\ 'reason'");
  EXPECT_EQ(Ask("SELECT mode || ' ' || max_age_seconds || ' ' || mx_patterns[2]"
                " FROM tlsrptd.policy_text"),
            "2 86400 *.backup.example");
  EXPECT_EQ(Ask("SELECT encode(body, 'hex') FROM tlsrptd.receipt_raw"),
            "7261770062797465735c");
  EXPECT_EQ(Ask("SELECT outcome || ' ' || report_count || ' ' || stored_count"
                " FROM tlsrptd.receipt"),
            "1 1 1");
  EXPECT_EQ(Ask("SELECT string_agg(mx_host || ' ' || source, ',' ORDER BY mx_host)"
                " FROM tlsrptd.mx_host"),
            "*.backup.example reported,mx1.firm.example reported");
  ExpectSumsEqualRecount();
}

TEST_F(WriterTest, AFurtherSubmissionIsADuplicate) {
  const Report report = MakeReport("one", {Sts(10)});
  struct {
    const char* why;
    std::vector<ReceiptRecord> records;
    std::int64_t stored;
    std::int64_t duplicate;
  } rows[] = {
      {"the first", {MakeRecord({report})}, 1, 0},
      {"again, later", {MakeRecord({report})}, 0, 1},
      {"twice in one batch", {MakeRecord({report}), MakeRecord({report})}, 0, 2},
      {"a new one twice in one batch",
       {MakeRecord({MakeReport("two", {Sts(1)})}),
        MakeRecord({MakeReport("two", {Sts(1)})})},
       1,
       1},
      {"a new one twice in one mail counts once: it is one further submission",
       {MakeRecord({MakeReport("three", {Sts(1)}), MakeReport("three", {Sts(1)})})},
       1,
       1},
      {"one known, one new in a mail",
       {MakeRecord({report, MakeReport("four", {Sts(1)})})},
       1,
       1},
      {"the same id about another period is another report",
       {MakeRecord({MakeReport("one", {Sts(10)}, kDay + days{1})})},
       1,
       0},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const WriteCounts counts = WriteAll(row.records);
    EXPECT_EQ(counts.reports_stored, row.stored);
    EXPECT_EQ(counts.reports_duplicate, row.duplicate);
  }
  ExpectSumsEqualRecount();
}

// What happens after a lost COMMIT, or when the spool is replayed.
TEST_F(WriterTest, TheSameBatchAgainChangesNothing) {
  const std::vector<ReceiptRecord> batch = {
      MakeRecord({MakeReport("one", {Sts(10)})}), MakeRecord({}),
      MakeRecord({MakeReport("two", {Sts(20, 1)})}, Provenance::kNone)};
  EXPECT_EQ(WriteAll(batch).receipts, 3);
  const std::string before =
      Ask("SELECT sum(vouched_success_sessions) || ' ' ||"
          " sum(unvouched_success_sessions)"
          " FROM tlsrptd.domain_day");
  const WriteCounts again = WriteAll(batch);
  EXPECT_EQ(again.receipts, 0);
  EXPECT_EQ(again.reports_stored, 0);
  EXPECT_EQ(again.reports_duplicate, 0) << "a replayed receipt is no duplicate";
  EXPECT_EQ(Ask("SELECT sum(vouched_success_sessions) || ' ' ||"
                " sum(unvouched_success_sessions) FROM tlsrptd.domain_day"),
            before);
  EXPECT_EQ(Counter("receipts"), "3");
  ExpectSumsEqualRecount();
}

// RFC 8460, 3: in any order of arrival, a copy nobody vouches for neither hides nor adds
// to the genuine report; nor does an operator's import without contact-info.
// A spool that is replayed after an upgrade: what the first parser made of the receipt
// stands until `reprocess` is told to look again, and its neighbours are written.
TEST_F(WriterTest, AKnownReceiptThatIsReadOtherwiseAddsNothing) {
  const auto first = MakeRecord({MakeReport("one", {Sts(10)})});
  EXPECT_EQ(WriteAll({first}).reports_stored, 1);
  auto otherwise = MakeRecord({MakeReport("another", {Sts(20)})});
  otherwise.receipt = first.receipt;
  const auto neighbour = MakeRecord({MakeReport("neighbour", {Sts(30)})});
  for (const auto& batch : {std::vector{otherwise}, std::vector{otherwise, neighbour}}) {
    (void)WriteAll(batch);
    EXPECT_EQ(Ask("SELECT count(*) FROM tlsrptd.report WHERE report_id = 'another'"),
              "0");
  }
  EXPECT_EQ(Ask("SELECT string_agg(report_id, ' ' ORDER BY report_id)"
                " FROM tlsrptd.report"),
            "neighbour one");
  EXPECT_EQ(Ask("SELECT count(*) FROM tlsrptd.receipt"), "2");
  EXPECT_EQ(Counter("reports_stored"), "2");
  ExpectSumsEqualRecount();
}

TEST_F(WriterTest, CopiesOfOtherProvenanceAreRowsOfTheirOwn) {
  const Report report = MakeReport("one", {Sts(10)});
  EXPECT_EQ(WriteAll({MakeRecord({report}, Provenance::kNone)}).reports_stored, 1);
  EXPECT_EQ(WriteAll({MakeRecord({report})}).reports_stored, 1);
  EXPECT_EQ(WriteAll({MakeRecord({report}, Provenance::kOperator, "")}).reports_stored,
            1);
  EXPECT_EQ(WriteAll({MakeRecord({report}, Provenance::kNone)}).reports_duplicate, 1);
  EXPECT_EQ(Ask("SELECT count(*) || ' ' || count(DISTINCT report_key)"
                " FROM tlsrptd.report"),
            "3 1");
  EXPECT_EQ(Ask("SELECT unvouched_success_sessions FROM tlsrptd.domain_day"
                " WHERE kind = 1"),
            "10");
}

TEST_F(WriterTest, AStrangersPolicyNamesNoMxHost) {
  WriteAll({MakeRecord({MakeReport("one", {Sts(10)})}, Provenance::kNone)});
  EXPECT_EQ(Ask("SELECT count(*) FROM tlsrptd.mx_host"), "0");
  // Nor does whoever signs: anybody has a domain to do it with.
  ReceiptRecord signed_by_anybody =
      MakeRecord({MakeReport("three", {Sts(1)})}, Provenance::kDkim, "anybody.example");
  signed_by_anybody.reports[0].vouching.from_known = false;
  WriteAll({signed_by_anybody});
  EXPECT_EQ(Ask("SELECT count(*) FROM tlsrptd.mx_host"), "0");
  // Though the text is known by now.
  WriteAll({MakeRecord({MakeReport("two", {Sts(10)})})});
  EXPECT_EQ(Ask("SELECT string_agg(mx_host, ',' ORDER BY mx_host) FROM tlsrptd.mx_host"),
            "*.backup.example,mx1.firm.example");
}

TEST_F(WriterTest, APatternThatIsEverybodysNamesNoMxHost) {
  PolicyResult all = Sts(1);
  all.policy->mx_patterns = {"*.com", "*.firm.example"};
  WriteAll({MakeRecord({MakeReport("one", {all})})});
  EXPECT_EQ(Ask("SELECT string_agg(mx_host, ',') FROM tlsrptd.mx_host"),
            "*.firm.example");
}

TEST_F(WriterTest, MicrosoftsDoubledBlocksCountOnce) {
  PolicyResult tlsa = Sts(7, 2);
  tlsa.policy_type = PolicyType::kTlsa;
  tlsa.details = {Detail(ResultType::kTlsaInvalid, 2)};
  WriteAll({MakeRecord({MakeReport("one", {Sts(9), tlsa})})});
  EXPECT_EQ(Ask("SELECT vouched_success_sessions || ' ' || vouched_failure_sessions"
                " FROM tlsrptd.domain_day WHERE kind = 9"),
            "7 2");
  ExpectSumsEqualRecount();
}

TEST_F(WriterTest, OnePoisonedRecordStopsNobody) {
  for (const std::size_t poisoned : {0u, 7u, 19u}) {
    SCOPED_TRACE(poisoned);
    std::vector<ReceiptRecord> batch;
    for (std::size_t i = 0; i < 20; ++i) {
      batch.push_back(MakeRecord(
          {MakeReport(std::to_string(poisoned) + "/" + std::to_string(i), {Sts(1)})}));
    }
    batch[poisoned].reports[0].organisation = "no UTF-8: \xFF";
    const auto written = writer_.Write(batch);
    ASSERT_TRUE(written.has_value()) << written.error().message;
    EXPECT_EQ(written->counts.reports_stored, 19);
    ASSERT_EQ(written->refused.size(), 1u);
    EXPECT_EQ(written->refused[0].index, poisoned);
    EXPECT_NE(written->refused[0].message.find("UTF8"), std::string::npos)
        << written->refused[0].message;
  }
  ExpectSumsEqualRecount();
}

TEST_F(WriterTest, AMissingPartitionKeepsOnlyItsOwn) {
  const auto written = writer_.Write(std::vector<ReceiptRecord>{
      MakeRecord({MakeReport("one", {Sts(1)})}),
      MakeRecord({MakeReport("old", {Sts(1)}, sys_days{2025y / January / 5})}),
      MakeRecord({MakeReport("two", {Sts(1)})})});
  ASSERT_TRUE(written.has_value()) << written.error().message;
  EXPECT_EQ(written->counts.reports_stored, 2);
  EXPECT_TRUE(written->refused.empty());
  EXPECT_EQ(written->no_partition, std::vector<std::size_t>{1});
}

// A thousand hostile reports of ten thousand failures of 10^12 sessions each would be
// more than a bigint: a sum that took them all would refuse every later report.
TEST_F(WriterTest, ManyDetailsAddNoMoreThanOneCount) {
  PolicyResult result = Sts(0, kMaxSessions);
  result.details.assign(10, Detail(ResultType::kCertificateExpired, kMaxSessions));
  WriteAll({MakeRecord({MakeReport("hostile", {result, result})})});
  EXPECT_EQ(Ask("SELECT vouched_failed_sessions FROM tlsrptd.domain_day_failure"),
            std::to_string(kMaxSessions));
  EXPECT_EQ(Counter("failed_sessions/sts/certificate-expired/vouched"),
            std::to_string(kMaxSessions));
}

TEST_F(WriterTest, ACounterThatIsFullRefusesNobody) {
  constexpr const char* kName = "failed_sessions/sts/certificate-expired/vouched";
  constexpr const char* kFull = "9223372036854775807";
  PolicyResult result = Sts(1, 5);
  result.details = {Detail(ResultType::kCertificateExpired, 5)};
  WriteAll({MakeRecord({MakeReport("one", {result})})});
  Failure(std::string("UPDATE tlsrptd.node_counter SET value = ") + kFull +
          " - 3 WHERE name = '" + kName + "'");
  WriteAll({MakeRecord({MakeReport("two", {result})})});
  EXPECT_EQ(Ask("SELECT count(*) FROM tlsrptd.report"), "2");
  EXPECT_EQ(Counter(kName), kFull);
}

TEST_F(WriterTest, OutcomesAreSaid) {
  ReceiptRecord held = MakeRecord({});
  held.receipt.report_count = held.receipt.quarantined_count = 1;
  held.receipt.reason = "parse";
  held.receipt.quarantined_domains = {"firm.example"};
  ReceiptRecord ordinary = MakeRecord({});
  ordinary.receipt.ordinary = true;
  const WriteCounts counts = WriteAll({held, ordinary});
  EXPECT_EQ(counts.reports_quarantined, 1);
  EXPECT_EQ(Ask("SELECT string_agg(outcome::text, ',' ORDER BY outcome)"
                " FROM tlsrptd.receipt"),
            "3,4");
}

TEST_F(WriterTest, AnAwayDatabaseIsUnavailableAndComesBack) {
  ConnectOptions nowhere = Options();
  nowhere.dsn = "host=/nonexistent dbname=tlsrptd";
  Writer lost(nowhere, "test");
  const auto failed = lost.Write(std::vector<ReceiptRecord>{MakeRecord({})});
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().kind, ErrorKind::kUnavailable);

  EXPECT_EQ(WriteAll({MakeRecord({MakeReport("one", {Sts(1)})})}).reports_stored, 1);
  Failure(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
      " WHERE datname = current_database() AND pid <> pg_backend_pid()");
  const std::vector<ReceiptRecord> batch = {MakeRecord({MakeReport("two", {Sts(1)})})};
  const auto cut = writer_.Write(batch);
  ASSERT_FALSE(cut.has_value());
  EXPECT_EQ(cut.error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(WriteAll(batch).reports_stored, 1) << "and it recovers";
  ExpectSumsEqualRecount();
}

// As a fail-over to an older copy does: what the writer remembers to be there is not.
TEST_F(WriterTest, ADatabaseSetBackGetsItsPolicyTextsAgain) {
  const auto rows = [this] {
    return Ask(
        "SELECT (SELECT count(*) FROM tlsrptd.policy_text) || ' ' ||"
        " (SELECT count(*) FROM tlsrptd.mx_host)");
  };
  WriteAll({MakeRecord({MakeReport("one", {Sts(1)})})});
  ASSERT_EQ(rows(), "1 2");
  WriteAll({MakeRecord({MakeReport("two", {Sts(1)})})});
  Failure("TRUNCATE policy_text, mx_host");
  Failure(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
      " WHERE datname = current_database() AND pid <> pg_backend_pid()");
  const std::vector<ReceiptRecord> batch = {MakeRecord({MakeReport("three", {Sts(1)})})};
  ASSERT_FALSE(writer_.Write(batch).has_value());
  WriteAll(batch);
  EXPECT_EQ(rows(), "1 2");
}

// Nodes write overlapping batches, again and again, in any order.
TEST_F(WriterTest, WritersAtOnceLoseAndDoubleNothing) {
  constexpr int kWriters = 4;
  constexpr int kReports = 60;
  constexpr int kBatches = 15;
  std::vector<std::thread> threads;
  std::vector<std::string> errors(kWriters);
  for (int w = 0; w < kWriters; ++w) {
    threads.emplace_back([&, w] {
      Writer writer(Options(), "node" + std::to_string(w));
      std::mt19937 random(static_cast<unsigned>(w));
      for (int b = 0; b < kBatches; ++b) {
        std::vector<ReceiptRecord> batch;
        for (int i = 0; i < 20; ++i) {
          const auto n = static_cast<int>(random() % kReports);
          PolicyResult result = Sts(n, 1);
          result.details = {Detail(ResultType::kValidationFailure, 1)};
          batch.push_back(
              MakeRecord({MakeReport(std::to_string(n), {result}, kDay + days{n % 3})},
                         n % 2 == 0 ? Provenance::kOperator : Provenance::kNone));
        }
        const auto written = writer.Write(batch);
        if (!written) errors[static_cast<std::size_t>(w)] = written.error().message;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& error : errors) EXPECT_EQ(error, "");
  EXPECT_EQ(Ask("SELECT count(*) FROM tlsrptd.report"), std::to_string(kReports));
  EXPECT_EQ(Counter("reports_stored"), std::to_string(kReports));
  EXPECT_EQ(Counter("reports_duplicate"),
            std::to_string(kWriters * kBatches * 20 - kReports));
  ExpectSumsEqualRecount();
}

// A statement that is exactly full is sent once: what is left to send after it is
// nothing, not the same rows again.
TEST_F(WriterTest, FullStatementsAreSentOnce) {
  // 250 domains with two kinds each are the 500 rows of one domain_day statement
  // (kRowsPerStatement); the other tables get one row more than that, or half.
  constexpr int kDomains = 250;
  std::vector<ReceiptRecord> batch;
  for (int i = 0; i <= kDomains; ++i) {
    ReceiptRecord record = MakeRecord({MakeReport(std::to_string(i), {Sts(10, 1)})});
    record.reports[0].policy_domain = "n" + std::to_string(i % kDomains) + ".example";
    batch.push_back(std::move(record));
  }
  EXPECT_EQ(WriteAll(batch).reports_stored, kDomains + 1);
  EXPECT_EQ(Ask("SELECT count(*) FROM tlsrptd.domain_day"), std::to_string(2 * kDomains));
  EXPECT_EQ(Ask("SELECT sum(vouched_success_sessions) FROM tlsrptd.domain_day"
                " WHERE kind = 9"),
            std::to_string(10 * (kDomains + 1)));
  ExpectSumsEqualRecount();

  // The same with repeats among them, which takes other statements: 500 reports.
  for (ReceiptRecord& record : batch)
    record.receipt.receipt_id = MakeUuidV7(test::kReceived);
  for (int i = kDomains + 1; i < 500; ++i) {
    batch.push_back(MakeRecord({MakeReport(std::to_string(i), {Sts(10, 1)})}));
  }
  const WriteCounts again = WriteAll(batch);
  EXPECT_EQ(again.receipts, 500);
  EXPECT_EQ(again.reports_stored, 500 - (kDomains + 1));
  EXPECT_EQ(again.reports_duplicate, kDomains + 1);
  ExpectSumsEqualRecount();
}

// After a repeat the writer expects more of them; what is new meanwhile is stored as
// before, and so is what comes when it no longer does.
TEST_F(WriterTest, NewOnesAfterARepeatAreStored) {
  const Report repeated = MakeReport("one", {Sts(10)});
  WriteAll({MakeRecord({repeated})});
  WriteAll({MakeRecord({repeated})});
  constexpr int kLater = 150;  // past kCarefulBatches
  std::int64_t stored = 0;
  for (int i = 0; i < kLater; ++i) {
    stored += WriteAll({MakeRecord({MakeReport("new" + std::to_string(i), {Sts(1)})})})
                  .reports_stored;
  }
  EXPECT_EQ(stored, kLater);
  EXPECT_EQ(WriteAll({MakeRecord({repeated})}).reports_duplicate, 1);
  ExpectSumsEqualRecount();
}

TEST_F(WriterTest, HeartbeatIsTheNodesLastWord) {
  Writer::Heartbeat beat{.spool_id = {},
                         .now = test::kReceived,
                         .started_at = test::kReceived - 1h,
                         .version = "1",
                         .spool_depth = 5,
                         .spool_waiting = 2,
                         .spool_oldest_at = test::kReceived - 1min};
  ASSERT_TRUE(writer_.WriteHeartbeat(beat).has_value());
  beat.spool_depth = 0;
  beat.spool_oldest_at.reset();
  ASSERT_TRUE(writer_.WriteHeartbeat(beat).has_value());
  EXPECT_EQ(Ask("SELECT node || ' ' || spool_depth || ' ' ||"
                " (spool_oldest_at IS NULL) FROM tlsrptd.node"),
            "test 0 true");
}

TEST_F(WriterTest, TwoSpoolsOfOneNameHideNothingOfEachOther) {
  const Uuid dead = MakeUuidV7(test::kReceived), alive = MakeUuidV7(test::kReceived);
  Writer::Heartbeat beat{.spool_id = {},
                         .now = test::kReceived - 1h,
                         .started_at = test::kReceived - 2h,
                         .version = "1",
                         .spool_depth = 5,
                         .spool_oldest_at = {}};
  ASSERT_TRUE(writer_.WriteHeartbeat(beat).has_value());
  EXPECT_EQ(Ask("SELECT count(*) FROM tlsrptd.node"), "1");
  beat.spool_id = dead;
  ASSERT_TRUE(writer_.WriteHeartbeat(beat).has_value());
  EXPECT_EQ(Ask("SELECT count(*) FROM tlsrptd.node"), "1")
      << "what a program without spool ids said is taken over";
  beat = {.spool_id = alive,
          .now = test::kReceived,
          .started_at = beat.started_at,
          .version = "1",
          .spool_oldest_at = {}};
  ASSERT_TRUE(writer_.WriteHeartbeat(beat).has_value());
  EXPECT_EQ(Ask("SELECT string_agg(spool_depth::text, ' ' ORDER BY heartbeat_at)"
                " FROM tlsrptd.node"),
            "5 0");
}

}  // namespace
}  // namespace tlsrpt::store
