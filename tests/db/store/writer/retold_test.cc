// A report under the name of another of the same reporter: its failures are kept, once,
// whichever came first and however they are written.

#include "store/writer/retold.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "store/queries/evidence.h"
#include "store/writer/writer.h"
#include "tests/support/migrated_database.h"
#include "tests/support/records.h"
#include "tests/support/recount.h"

namespace tlsrpt::store {
namespace {

using test::kDay;

class RetoldTest : public testing::Test {
 protected:
  static ReceiptRecord Told(std::int64_t success, std::int64_t failure,
                            const std::string& mx = "mx.firm.example",
                            Provenance provenance = Provenance::kDkim) {
    PolicyResult result = test::Sts(success, failure);
    if (failure > 0) {
      result.details = {test::Detail(ResultType::kCertificateExpired, failure)};
      result.details[0].receiving_mx = mx;
    }
    return test::MakeRecord({test::MakeReport("1", {result})}, provenance);
  }
  WriteCounts Write(const std::vector<ReceiptRecord>& records) {
    const auto written = writer_.Write(records);
    EXPECT_TRUE(written.has_value()) << written.error().message;
    test::ExpectSumsEqualRecount(*admin_);
    return written->counts;
  }
  // "successes failures" of the evidence.
  std::string Read() {
    const auto evidence = ReadEvidence(*api_, {.domain = "firm.example",
                                               .mx_hosts = {},
                                               .first_day = kDay,
                                               .last_day = kDay,
                                               .known_at = {}});
    EXPECT_TRUE(evidence.has_value()) << evidence.error().error.message;
    std::int64_t success = 0;
    std::int64_t failure = 0;
    for (const EvidenceRow& row : evidence->rows) {
      success += row.success_sessions;
      failure += row.failure_sessions;
    }
    return std::to_string(success) + " " + std::to_string(failure);
  }

  test::TestDatabase database_ = test::MakeMigratedDatabase();
  std::unique_ptr<Connection> admin_ = test::OpenOrDie(database_.dsn());
  std::unique_ptr<Connection> api_ = test::OpenOrDie(database_.dsn(), "tlsrptd_api");
  Writer writer_{{.dsn = database_.dsn(), .role = "tlsrptd_ingest"}, "test"};
};

TEST_F(RetoldTest, OtherFailuresUnderTheSameNameAreKept) {
  for (const bool in_one_batch : {false, true}) {
    test::EmptyReports(*admin_);
    if (in_one_batch) {
      EXPECT_EQ(Write({Told(10, 0), Told(7, 5)}).reports_stored, 2);
    } else {
      Write({Told(10, 0)});
      EXPECT_EQ(Write({Told(7, 5)}).reports_stored, 1);
    }
    EXPECT_EQ(Read(), "10 5");
    EXPECT_EQ(Write({Told(7, 5)}).reports_duplicate, 1) << "once, however often it comes";
    EXPECT_EQ(Write({Told(10, 0), Told(7, 5), Told(7, 5)}).reports_duplicate, 3);
    EXPECT_EQ(Read(), "10 5");
    EXPECT_EQ(test::Cell(*admin_,
                         "SELECT string_agg(array_to_string(anomalies, ','), ';') "
                         "FROM report WHERE anomalies <> '{}'"),
              "name_taken report-id");
  }
}

TEST_F(RetoldTest, WhicheverCameFirst) {
  Write({Told(7, 5)});
  EXPECT_EQ(Write({Told(10, 0)}).reports_duplicate, 1) << "it tells of none";
  EXPECT_EQ(Write({Told(7, 5)}).reports_duplicate, 1);
  EXPECT_EQ(Read(), "7 5");
  EXPECT_EQ(Write({Told(7, 6)}).reports_stored, 1);
  EXPECT_EQ(Write({Told(7, 5, "mx2.firm.example")}).reports_stored, 1);
  EXPECT_EQ(Read(), "7 16");
}

// There would be no end to it, and it decides nothing.
TEST_F(RetoldTest, WhatNobodyVouchesForIsNotAsked) {
  Write({Told(10, 0, "", Provenance::kNone)});
  EXPECT_EQ(Write({Told(7, 5, "", Provenance::kNone)}).reports_duplicate, 1);
}

TEST_F(RetoldTest, OneMailWithTwoOfOneName) {
  ReceiptRecord record = Told(10, 0);
  ReceiptRecord other = Told(7, 5);
  record.reports.push_back(other.reports.at(0));
  record.reports[1].report_ix = 1;
  record.receipt.report_count = 2;
  EXPECT_EQ(Write({record}).reports_stored, 2);
  EXPECT_EQ(Read(), "10 5");
  EXPECT_EQ(Write({record}).receipts, 0) << "the receipt is known";
  EXPECT_EQ(Read(), "10 5");
}

}  // namespace
}  // namespace tlsrpt::store
