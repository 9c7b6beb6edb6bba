// One report, by its own words, from several who vouch for it or do not: in any order of
// arrival the sums and the evidence hold the genuine one, and every row is kept.

#include "store/writer/copies.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "store/queries/evidence.h"
#include "store/writer/day_sums.h"
#include "store/writer/reporter_list.h"
#include "store/writer/rollup.h"
#include "store/writer/writer.h"
#include "tests/support/migrated_database.h"
#include "tests/support/records.h"

namespace tlsrpt::store {
namespace {

using namespace std::chrono;  // NOLINT: literals and days

using test::Detail;
using test::kDay;
using test::kReceived;

// Who says it, the best first: DESIGN 4, Identity.
struct Signer {
  const char* why;
  Provenance provenance;
  const char* reporter;
  bool from_known;
  std::int64_t success;
  std::int64_t failure;
};
constexpr std::array<Signer, 4> kSigners = {{
    {"the reporter itself", Provenance::kDkim, "google.com", true, 10, 3},
    {"an import without contact-info", Provenance::kOperator, "", true, 20, 0},
    {"a stranger who guessed the report-id", Provenance::kDkim, "evil.example", false,
     1000, 500},
    {"nobody", Provenance::kNone, "", true, 7000, 0},
}};

ReceiptRecord RecordOf(const Signer& signer, TimePoint received_at = kReceived) {
  PolicyResult result = test::Sts(signer.success, signer.failure);
  if (signer.failure > 0) {
    result.details = {Detail(ResultType::kCertificateExpired, signer.failure)};
  }
  ReceiptRecord record = test::MakeRecord({test::MakeReport("the one", {result})},
                                          signer.provenance, signer.reporter);
  record.receipt.received_at = received_at;
  record.receipt.receipt_id = MakeUuidV7(received_at);
  for (FiledReport& report : record.reports) {
    report.vouching.from_known = signer.from_known;
  }
  return record;
}

class CopiesTest : public testing::Test {
 protected:
  CopiesTest()
      : admin_(test::OpenOrDie(database_.dsn())),
        api_(test::OpenOrDie(database_.dsn(), "tlsrptd_api")),
        ingest_(test::OpenOrDie(database_.dsn(), "tlsrptd_ingest")),
        writer_({.dsn = database_.dsn(), .role = "tlsrptd_ingest"}, "test") {}

  void Write(const std::vector<ReceiptRecord>& records) {
    const auto written = writer_.Write(records);
    ASSERT_TRUE(written.has_value()) << written.error().message;
    ASSERT_TRUE(written->refused.empty()) << written->refused[0].message;
  }
  // Of the distinct sessions: "reports success failure".
  std::string Sums(const std::string& whose) {
    return test::Cell(*admin_,
                      "SELECT coalesce((SELECT " + whose + "_reports || ' ' || " + whose +
                          "_success_sessions || ' ' || " + whose +
                          "_failure_sessions FROM domain_day WHERE kind = 9), '0 0 0')");
  }
  std::string Failures() {
    return test::Cell(*admin_,
                      "SELECT coalesce(sum(vouched_failed_sessions), 0) "
                      "FROM domain_day_failure WHERE kind = 1");
  }
  Evidence Read(std::optional<TimePoint> known_at = {}) {
    const auto evidence = ReadEvidence(*api_, {.domain = "firm.example",
                                               .mx_hosts = {},
                                               .first_day = kDay,
                                               .last_day = kDay,
                                               .known_at = known_at});
    EXPECT_TRUE(evidence.has_value()) << evidence.error().error.message;
    return *evidence;
  }

  // What must hold when those at the front of `order` were written.
  void Check(const std::vector<int>& order, std::size_t written) {
    const auto end = order.begin() + static_cast<std::ptrdiff_t>(written);
    const Signer& best =
        kSigners[static_cast<std::size_t>(*std::min_element(order.begin(), end))];
    const bool vouched = IsVouched(best.provenance);
    const std::string sums =
        "1 " + std::to_string(best.success) + " " + std::to_string(best.failure);
    EXPECT_EQ(Sums("vouched"), vouched ? sums : "0 0 0");
    EXPECT_EQ(Failures(), vouched ? std::to_string(best.failure) : "0");
    const bool stranger = std::find(order.begin(), end, 3) != end;
    EXPECT_EQ(Sums("unvouched"), stranger ? "1 7000 0" : "0 0 0");
    EXPECT_EQ(test::Cell(*admin_, "SELECT count(*) FROM report"), std::to_string(written))
        << "nothing is displaced";

    // Failures that it does not tell stay, whoever tells them, and nothing else does.
    const bool others = &best != &kSigners[2] && std::find(order.begin(), end, 2) != end;
    const Evidence evidence = Read();
    ASSERT_EQ(evidence.rows.size(), others ? 2u : 1u);
    for (const EvidenceRow& row : evidence.rows) {
      const bool counts = row.reporter == best.reporter;
      const Signer& signer = counts ? best : kSigners[2];
      EXPECT_EQ(row.reporter, signer.reporter);
      EXPECT_EQ(row.success_sessions, counts ? best.success : 0);
      EXPECT_EQ(row.failure_sessions, signer.failure);
      EXPECT_EQ(row.vouched, vouched);
      EXPECT_EQ(row.from_known, signer.from_known);
    }
  }

  test::TestDatabase database_ = test::MakeMigratedDatabase();
  std::unique_ptr<Connection> admin_;
  std::unique_ptr<Connection> api_;
  std::unique_ptr<Connection> ingest_;
  Writer writer_;
};

TEST_F(CopiesTest, InAnyOrderTheGenuineOneCounts) {
  std::vector<int> order = {0, 1, 2, 3};
  do {
    std::string trace;
    for (const int who : order) {
      trace += std::string(kSigners[static_cast<std::size_t>(who)].why) + "; ";
    }
    SCOPED_TRACE(trace);
    test::EmptyReports(*admin_);
    for (std::size_t i = 0; i < order.size(); ++i) {
      Write({RecordOf(kSigners[static_cast<std::size_t>(order[i])])});
      Check(order, i + 1);
    }
    // Once more, all of them: known, so nothing changes.
    for (const int who : order) {
      Write({RecordOf(kSigners[static_cast<std::size_t>(who)])});
    }
    Check(order, order.size());
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_F(CopiesTest, InOneBatchToo) {
  std::vector<int> order = {0, 1, 2, 3};
  do {
    test::EmptyReports(*admin_);
    std::vector<ReceiptRecord> records;
    for (const int who : order) {
      records.push_back(RecordOf(kSigners[static_cast<std::size_t>(who)]));
    }
    Write(records);
    Check(order, order.size());
  } while (std::next_permutation(order.begin(), order.end()));
}

// What `reprocess` does to a report: whichever of the copies go, the sums hold the best
// of those that stay.
TEST_F(CopiesTest, WhenCopiesGoTheBestOfTheRestCounts) {
  for (unsigned going = 0; going < 8; ++going) {  // of the three that are vouched for
    SCOPED_TRACE(going);
    test::EmptyReports(*admin_);
    std::vector<ReceiptRecord> records;
    for (const Signer& signer : kSigners) records.push_back(RecordOf(signer));
    Write(records);
    std::vector<const FiledReport*> leaving;
    std::vector<int> staying;
    for (unsigned i = 0; i < 3; ++i) {
      if ((going >> i & 1) != 0) {
        leaving.push_back(&records[i].reports.at(0));
      } else {
        staying.push_back(static_cast<int>(i));
      }
    }
    const auto done = ingest_->Transact([&](Transaction& tx) {
      ReleaseCopies(tx, leaving);
      Rollup gone;
      for (const FiledReport* report : leaving) gone.Add(*report, -1);
      CorrectSums(tx, gone);
      for (const FiledReport* report : leaving) {
        for (const char* table : {"report_failure", "policy_result", "report"}) {
          tx.ExecParams("DELETE FROM " + std::string(table) +
                            " WHERE report_key = $1 AND reporter = $2 AND vouched",
                        {report->report_key, report->reporter});
        }
      }
    });
    ASSERT_TRUE(done.has_value()) << done.error().error.message;
    staying.push_back(3);
    Check(staying, staying.size());
  }
}

// Two signers of the same standing: whoever was received first, however it was stored.
TEST_F(CopiesTest, AmongEqualsTheFirstReceivedCounts) {
  const Signer first{"", Provenance::kDkim, "b.example", false, 10, 0};
  const Signer second{"", Provenance::kDkim, "a.example", false, 99, 0};
  Write({RecordOf(second, kReceived + 1h)});
  Write({RecordOf(first, kReceived)});  // it had to wait for DNS
  EXPECT_EQ(Sums("vouched"), "1 10 0");
  const Evidence evidence = Read();
  ASSERT_EQ(evidence.rows.size(), 1u);
  EXPECT_EQ(evidence.rows[0].reporter, "b.example");
}

// Whoever guesses a report-id can sign a copy without failures, and be first. What
// somebody else says failed stays, and nothing of his that would clear anybody.
TEST_F(CopiesTest, AStrangersCopyHidesNoFailure) {
  const Signer evil{"", Provenance::kDkim, "evil.example", false, 1000, 0};
  const Signer genuine{"", Provenance::kDkim, "mox.example", false, 10, 3};
  Write({RecordOf(evil, kReceived)});
  Write({RecordOf(genuine, kReceived + 1h)});
  EXPECT_EQ(Sums("vouched"), "1 1000 0") << "one report is counted once";
  Evidence evidence = Read();
  ASSERT_EQ(evidence.rows.size(), 2u);
  const auto row =
      std::find_if(evidence.rows.begin(), evidence.rows.end(),
                   [](const auto& r) { return r.reporter == "mox.example"; });
  ASSERT_NE(row, evidence.rows.end());
  EXPECT_EQ(row->failure_sessions, 3);
  EXPECT_EQ(row->failures.size(), 1u);
  EXPECT_EQ(row->success_sessions, 0);

  Write({RecordOf(kSigners[0], kReceived + 2h)});
  evidence = Read();
  ASSERT_EQ(evidence.rows.size(), 1u) << "it tells the same failures";
  EXPECT_EQ(evidence.rows[0].reporter, "google.com");
}

// What a muted reporter tells decides nothing, so it must not hide who tells the same.
TEST_F(CopiesTest, AMutedCopyHidesNoFailure) {
  const Signer forwarder{"", Provenance::kOperator, "forwarder.example", true, 10, 3};
  const Signer google{"", Provenance::kOperator, "google.com", true, 10, 3};
  Write({RecordOf(forwarder, kReceived)});
  Write({RecordOf(google, kReceived + 1h)});
  ASSERT_EQ(Read().rows.size(), 1u);
  Mute mute;
  mute.reporter = forwarder.reporter;
  mute.who = "root";
  mute.why = "noise";
  mute.made_at = kReceived;
  mute.until = kDay + days{30};
  ASSERT_TRUE(AddMute(*ingest_, mute));
  const Evidence evidence = Read();
  ASSERT_EQ(evidence.rows.size(), 2u);
  for (const EvidenceRow& row : evidence.rows) EXPECT_EQ(row.failure_sessions, 3);
}

// What was not there yet hides nothing from a question about that time.
TEST_F(CopiesTest, KnownAtSeesTheCopyThatWasThere) {
  Write({RecordOf(kSigners[2], kReceived)});
  Write({RecordOf(kSigners[0], kReceived + 2h)});
  const Evidence before = Read(kReceived + 1h);
  ASSERT_EQ(before.rows.size(), 1u);
  EXPECT_EQ(before.rows[0].reporter, "evil.example");
  const Evidence after = Read(kReceived + 2h);
  ASSERT_EQ(after.rows.size(), 2u);
  for (const EvidenceRow& row : after.rows) {
    EXPECT_EQ(row.success_sessions, row.reporter == "google.com" ? 10 : 0);
  }
}

// Another report of the same stranger is its own: it counts as what it is.
TEST_F(CopiesTest, OtherReportsAreLeftAlone) {
  ReceiptRecord other = test::MakeRecord({test::MakeReport("another", {test::Sts(5)})},
                                         Provenance::kDkim, "evil.example");
  Write({RecordOf(kSigners[2]), other});
  Write({RecordOf(kSigners[0])});
  EXPECT_EQ(Sums("vouched"), "2 15 3");
  EXPECT_EQ(Read().rows.size(), 3u);
}

// Two counted reporters may give neither a name nor an id of their own.
TEST_F(CopiesTest, OfTwoKnownReportersOfOneNameNoFailureIsLost) {
  Write({RecordOf({"", Provenance::kDkim, "a.example", true, 10, 0})});
  Write({RecordOf({"", Provenance::kDkim, "b.example", true, 20, 4}, kReceived + 1h)});
  std::int64_t success = 0;
  std::int64_t failure = 0;
  for (const EvidenceRow& row : Read().rows) {
    success += row.success_sessions;
    failure += row.failure_sessions;
  }
  EXPECT_EQ(success, 10);
  EXPECT_EQ(failure, 4);
}

}  // namespace
}  // namespace tlsrpt::store
