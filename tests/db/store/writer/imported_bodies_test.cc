#include "store/writer/imported_bodies.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "store/writer/writer.h"
#include "tests/support/migrated_database.h"
#include "tests/support/records.h"

namespace tlsrpt::store {
namespace {

using namespace std::chrono;  // NOLINT: literals and days

using test::kDay;
using test::MakeRecord;
using test::MakeReport;
using test::Sts;

Uuid DigestOf(int number) {
  std::string bytes(16, '\0');
  bytes[0] = 'd';
  bytes[15] = static_cast<char>(number);
  return UuidFromBytes(bytes).value();
}

class ImportedBodiesTest : public testing::Test {
 protected:
  ImportedBodiesTest()
      : database_(test::MakeMigratedDatabase()),
        admin_(test::OpenOrDie(database_.dsn())),
        writer_(Options(), "test"),
        bodies_(Options()) {
    Do("SET search_path = tlsrptd");
  }

  ConnectOptions Options() const {
    return {.dsn = database_.dsn(), .role = "tlsrptd_ingest"};
  }
  void Do(const std::string& sql) {
    const auto failed = test::Failure(*admin_, sql);
    if (failed) FAIL() << sql << ": " << failed->error.message;
  }
  std::string Ask(const std::string& sql) { return test::Cell(*admin_, sql); }

  // An import of the file `number`, with a report of that name in it.
  static ReceiptRecord Import(int number, Provenance provenance = Provenance::kOperator) {
    auto record = MakeRecord({MakeReport("report " + std::to_string(number), {Sts(10)})},
                             provenance);
    record.receipt.transport = Transport::kImport;
    record.receipt.reporter = "google.com";
    record.body_digest = DigestOf(number);
    return record;
  }
  static ReceiptRecord Again(const ReceiptRecord& original) {
    auto record = MakeRecord({});
    record.receipt.transport = Transport::kImport;
    record.receipt.report_count = original.receipt.report_count;
    record.receipt.same_bytes_as = original.receipt.receipt_id;
    return record;
  }
  WriteCounts Write(const std::vector<ReceiptRecord>& records) {
    const auto written = writer_.Write(records);
    EXPECT_TRUE(written.has_value()) << (written ? "" : written.error().message);
    if (!written) return {};
    EXPECT_TRUE(written->refused.empty());
    return written->counts;
  }
  std::map<Uuid, ImportedBody> Find(const std::vector<int>& numbers,
                                    sys_days oldest_day = kDay) {
    std::vector<Uuid> digests;
    for (const int number : numbers) digests.push_back(DigestOf(number));
    auto found = bodies_.Find(digests, oldest_day);
    EXPECT_TRUE(found.has_value()) << (found ? "" : found.error().message);
    return found ? *found : std::map<Uuid, ImportedBody>{};
  }

  test::TestDatabase database_;
  std::unique_ptr<Connection> admin_;
  Writer writer_;
  ImportedBodies bodies_;
};

TEST_F(ImportedBodiesTest, WhatWasStoredIsKnown) {
  const auto one = Import(1), two = Import(2);
  EXPECT_EQ(Find({1, 2}).size(), 0u);
  Write({one, two});
  EXPECT_EQ(Find({1, 2, 3}),
            (std::map<Uuid, ImportedBody>{
                {DigestOf(1), {one.receipt.receipt_id, 1, "google.com"}},
                {DigestOf(2), {two.receipt.receipt_id, 1, "google.com"}}}));
  EXPECT_EQ(Find({}).size(), 0u);
}

TEST_F(ImportedBodiesTest, AnotherDayIsAnotherPartition) {
  auto later = Import(2);
  later.receipt.received_at += days{1};
  Write({Import(1), later});
  EXPECT_EQ(Find({1, 2}).size(), 2u);
}

struct WrittenRow {
  const char* why;
  std::function<void(ReceiptRecord&)> change;
};

const WrittenRow kNotRemembered[] = {
    {"nobody asked for it: an import without --vouch",
     [](ReceiptRecord& record) { record.body_digest.reset(); }},
    {"a part of it is in quarantine",
     [](ReceiptRecord& record) {
       ++record.receipt.report_count;
       ++record.receipt.quarantined_count;
     }},
    {"it names others' domains, which may become ours",
     [](ReceiptRecord& record) { record.receipt.foreign_domains = {"b.example"}; }},
    {"a signature vouches: its reporter's profile may change",
     [](ReceiptRecord& record) {
       record.receipt.provenance = Provenance::kDkim;
       record.reports[0].provenance = Provenance::kDkim;
     }},
    {"a signature vouches for one of its reports",
     [](ReceiptRecord& record) { record.reports[0].provenance = Provenance::kDkim; }},
    {"no report in it",
     [](ReceiptRecord& record) {
       record.reports.clear();
       record.receipt.report_count = 0;
     }},
};

TEST_F(ImportedBodiesTest, WhatIsNotAllThereIsNotRemembered) {
  int number = 0;
  for (const auto& [why, change] : kNotRemembered) {
    SCOPED_TRACE(why);
    auto record = Import(++number);
    change(record);
    Write({record});
    EXPECT_EQ(Find({number}).size(), 0u);
  }
  SCOPED_TRACE("nobody vouches");
  Write({Import(++number, Provenance::kNone)});
  EXPECT_EQ(Find({number}).size(), 0u);
  EXPECT_EQ(Ask("SELECT count(*) FROM imported_body"), "0");
}

TEST_F(ImportedBodiesTest, WhatIsHeldWholeIsKnownAsHeld) {
  const auto held = [](int number) {
    auto record = Import(number);
    record.reports.clear();
    record.receipt.quarantined_count = record.receipt.report_count;
    record.receipt.reason = "parse";
    return record;
  };
  const auto one = held(1);
  auto nobodys = held(2);
  nobodys.receipt.provenance = Provenance::kNone;
  Write({one, nobodys});
  EXPECT_EQ(Find({1, 2}),
            (std::map<Uuid, ImportedBody>{
                {DigestOf(1), {one.receipt.receipt_id, 1, "google.com", true}}}));
  Do("UPDATE receipt SET quarantined_count = 0, report_count = 0");
  EXPECT_EQ(Find({1}).size(), 0u) << "somebody let go of it";
}

// The receipt that stored it may be read again, and its row go.
TEST_F(ImportedBodiesTest, WhatFoundItsReportThereIsNotRemembered) {
  Write({Import(1)});
  auto other = Import(1);
  other.body_digest = DigestOf(2);
  EXPECT_EQ(Write({other}).reports_duplicate, 1);
  EXPECT_EQ(Find({2}).size(), 0u);

  // Stored, for what it says about one domain of two is new.
  PolicyResult about_other = Sts(5);
  about_other.policy_domain = "other.example";
  auto wider = MakeRecord({MakeReport("report 1", {Sts(10), about_other})});
  wider.body_digest = DigestOf(3);
  EXPECT_EQ(Write({wider}).reports_stored, 1);
  EXPECT_EQ(Find({3}).size(), 0u);
}

struct LaterRow {
  const char* why;
  const char* sql;
};

const LaterRow kNoLongerKnown[] = {
    {"read by another version of the parser",
     "UPDATE receipt SET parser_version = parser_version - 1"},
    {"read again: a part is in quarantine now",
     "UPDATE receipt SET quarantined_count = 1"},
    {"read again: a domain is no longer ours",
     "UPDATE receipt SET foreign_domains = '{firm.example}'"},
    {"read again: found elsewhere",
     "UPDATE receipt SET stored_count = 0, duplicate_count = 1"},
    {"read again: nothing in it",
     "UPDATE receipt SET stored_count = 0, report_count = 0"},
    {"read again: nobody vouches", "UPDATE receipt SET provenance = 0"},
    {"its month has ended", "DELETE FROM receipt"},
    {"the month of its bytes has ended", "DELETE FROM receipt_raw"},
};

TEST_F(ImportedBodiesTest, WhatHasChangedSinceIsNotKnown) {
  Write({Import(1)});
  ASSERT_EQ(Find({1}).size(), 1u);
  for (const auto& [why, sql] : kNoLongerKnown) {
    SCOPED_TRACE(why);
    Do("CREATE TABLE receipt_before AS TABLE receipt;"
       "CREATE TABLE receipt_raw_before AS TABLE receipt_raw");
    Do(sql);
    EXPECT_EQ(Find({1}).size(), 0u);
    Do("DELETE FROM receipt; DELETE FROM receipt_raw;"
       "INSERT INTO receipt TABLE receipt_before;"
       "INSERT INTO receipt_raw TABLE receipt_raw_before;"
       "DROP TABLE receipt_before, receipt_raw_before");
    ASSERT_EQ(Find({1}).size(), 1u);
  }
  EXPECT_EQ(Find({1}, kDay + days{1}).size(), 0u) << "older than what is kept";
}

TEST_F(ImportedBodiesTest, StoredAgainAfterItsReceiptIsGoneItIsKnownAgain) {
  Write({Import(1)});
  Do("DELETE FROM receipt; DELETE FROM receipt_raw; DELETE FROM report;"
     "DELETE FROM policy_result");
  const auto again = Import(1);
  EXPECT_EQ(Write({again}).reports_stored, 1);
  EXPECT_EQ(Find({1}).at(DigestOf(1)).receipt_id, again.receipt.receipt_id);
}

TEST_F(ImportedBodiesTest, AKnownFileIsAReceiptWithoutBytes) {
  const auto original = Import(1);
  Write({original});
  const auto again = Again(original);
  // Beside a new one in a batch, and the same batch twice, as after a lost COMMIT.
  const std::vector<ReceiptRecord> batch = {again, Import(2)};
  const WriteCounts counts = Write(batch);
  EXPECT_EQ(counts.receipts, 2);
  EXPECT_EQ(counts.reports_stored, 1);
  EXPECT_EQ(counts.reports_duplicate, 1);
  EXPECT_EQ(Write(batch).receipts, 0);

  EXPECT_EQ(Ask("SELECT concat_ws(' ', outcome, report_count, stored_count,"
                " duplicate_count, quarantined_count, same_bytes_as)"
                " FROM receipt WHERE receipt_id = '" +
                again.receipt.receipt_id.ToString() + "'"),
            "2 1 0 1 0 " + original.receipt.receipt_id.ToString());
  EXPECT_EQ(Ask("SELECT count(*) FROM receipt_raw"), "2");
  EXPECT_EQ(Ask("SELECT value FROM node_counter WHERE name = 'reports_duplicate'"), "1");
  EXPECT_EQ(Ask("SELECT value FROM node_counter WHERE name = 'receipts'"), "3");
}

}  // namespace
}  // namespace tlsrpt::store
