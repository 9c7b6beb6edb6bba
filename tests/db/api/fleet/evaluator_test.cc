#include "api/fleet/evaluator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/fleet/ask.h"
#include "api/fleet/schedule.h"
#include "store/admin/domain_list.h"
#include "store/queries/fleet.h"
#include "store/writer/writer.h"
#include "tests/support/migrated_database.h"
#include "tests/support/records.h"

namespace tlsrpt::api {
namespace {

using namespace std::chrono;  // NOLINT: literals

using store::PolicyResult;
using store::ResultType;
using test::Cell;
using test::Detail;
using test::MakeRecord;
using test::MakeReport;
using test::Sts;

// Records are received on it (tests/support/records.h).
constexpr sys_days kToday{2026y / November / 20};

class SetClock final : public Clock {
 public:
  TimePoint Now() const override { return now; }
  TimePoint now = kToday + 9h;
};

class EvaluatorTest : public testing::Test {
 protected:
  EvaluatorTest() {
    EXPECT_TRUE(store::AddDomains(*ingest_, {"firm.example"}, "command", clock_.now));
    options_.rules.live = false;
    options_.holder = "one";
  }

  std::unique_ptr<Evaluator> MakeEvaluator(std::string holder = "one") {
    options_.holder = std::move(holder);
    return std::make_unique<Evaluator>(
        options_,
        EvaluatorParts{.connect = [this]() -> Result<std::unique_ptr<store::Connection>> {
                         ++connections_;
                         return test::OpenOrDie(database_.dsn(), "tlsrptd_api");
                       },
                       .clock = clock_,
                       .log = log_,
                       .metrics = metrics_});
  }
  void Sql(const std::string& sql) {
    const auto failed = test::Failure(*ingest_, sql);
    ASSERT_FALSE(failed) << failed->error.message;
  }
  void Write(const std::vector<store::ReceiptRecord>& records) {
    const auto written = writer_.Write(records);
    ASSERT_TRUE(written.has_value()) << written.error().message;
    ASSERT_TRUE(written->refused.empty()) << written->refused[0].message;
  }
  // A report a day and reporter, of the window and the day after.
  void WriteCleanFortnight() {
    std::vector<store::ReceiptRecord> records;
    for (int ago = 1; ago <= 15; ++ago) {
      for (const char* reporter : {"google.com", "microsoft.com"}) {
        const std::string id = reporter + std::to_string(ago);
        records.push_back(MakeRecord({MakeReport(id, {Sts(50)}, kToday - days{ago})},
                                     store::Provenance::kOperator, reporter));
      }
    }
    Write(records);
  }
  void WriteRefusal(const std::string& id, int ago = 5) {
    PolicyResult refused = Sts(50, 1);
    refused.details = {Detail(ResultType::kCertificateExpired, 1)};
    Write({MakeRecord({MakeReport(id, {refused}, kToday - days{ago})})});
  }
  // As if what waits had waited; then until nothing is due. How many were done.
  int EvaluateAll(Evaluator& evaluator) {
    Sql("UPDATE work SET not_before = now() WHERE kind = 'evaluate'");
    int all = 0;
    while (true) {
      const auto done = evaluator.DoSome();
      if (!done) throw std::runtime_error(done.error().message);
      if (*done == 0) return all;
      all += *done;
    }
  }
  std::string Log() {
    return Cell(*owner_,
                "SELECT string_agg(old_verdict || ' -> ' || new_verdict, ', '"
                " ORDER BY change_no) FROM state_change"
                " WHERE policy_domain = 'firm.example'");
  }
  std::string Status(const std::string& column) {
    return Cell(*owner_, "SELECT max((" + column +
                             ")::text) FROM domain_status"
                             " WHERE policy_domain = 'firm.example'");
  }
  std::string MetricLine(const std::string& begin) {
    const std::string text = metrics_.Text();
    const std::size_t at = text.find("\n" + begin);
    if (at == std::string::npos) return "";
    return text.substr(at + 1, text.find('\n', at + 1) - at - 1);
  }

  test::TestDatabase database_ = test::MakeMigratedDatabase();
  std::unique_ptr<store::Connection> ingest_ =
      test::OpenOrDie(database_.dsn(), "tlsrptd_ingest");
  std::unique_ptr<store::Connection> owner_ =
      test::OpenOrDie(database_.dsn(), "tlsrptd_owner");
  store::Writer writer_{{.dsn = database_.dsn(), .role = "tlsrptd_ingest"}, "test"};
  EvaluatorOptions options_;
  SetClock clock_;
  Logger log_{LogLevel::kError, LogFormat::kText};
  Metrics metrics_;
  int connections_ = 0;
};

TEST_F(EvaluatorTest, TheStatusFollowsTheReports) {
  const auto evaluator = MakeEvaluator();
  EXPECT_EQ(EvaluateAll(*evaluator), 1);
  EXPECT_EQ(Log(), " -> insufficient_evidence");
  WriteCleanFortnight();
  EXPECT_EQ(EvaluateAll(*evaluator), 1);
  EXPECT_EQ(Status("verdict"), "ready");
  EXPECT_EQ(Status("confidence"), "normal");
  EXPECT_EQ(Status("basis"), "reports");
  EXPECT_EQ(Status("evaluated_for"), "2026-11-18");
  WriteRefusal("refused");
  EXPECT_EQ(EvaluateAll(*evaluator), 1);
  EXPECT_EQ(Status("verdict"), "not_ready");
  EXPECT_EQ(Status("blocking"), "{no_refused_sessions}");
  EXPECT_THAT(Status("blocking_sentence"), testing::HasSubstr("certificate-expired"));
  WriteRefusal("refused again");
  EXPECT_EQ(EvaluateAll(*evaluator), 1);
  EXPECT_EQ(
      Log(),
      " -> insufficient_evidence, insufficient_evidence -> ready, ready -> not_ready");
  EXPECT_EQ(connections_, 1) << "not one a domain";
  EXPECT_EQ(MetricLine("tlsrptd_evaluations_total"), "tlsrptd_evaluations_total 4");
  EXPECT_EQ(MetricLine("tlsrptd_state_changes_total{from=\"ready\""),
            "tlsrptd_state_changes_total{from=\"ready\",to=\"not_ready\"} 1");
}

// The same as who asks about the one domain, but for how intake stands.
TEST_F(EvaluatorTest, TheStatusIsTheVerdictInShort) {
  WriteCleanFortnight();
  WriteRefusal("refused");
  EvaluateAll(*MakeEvaluator());
  const auto verdict = AskReadiness(*owner_,
                                    {.domain = "firm.example",
                                     .mx_hosts = {"mx1.firm.example"},
                                     .as_of = clock_.now,
                                     .asked_at = clock_.now,
                                     .known_at = {}},
                                    options_.rules);
  ASSERT_TRUE(verdict.has_value());
  EXPECT_EQ(Status("verdict"), NameOf(verdict->kind));
  EXPECT_EQ(Status("sentence"), verdict->sentence);
  EXPECT_EQ(Status("ruleset"), verdict->ruleset);
  ASSERT_TRUE(verdict->earliest_ready.day.has_value());
  EXPECT_EQ(Status("earliest_ready"), "2026-12-01");
  EXPECT_EQ(*verdict->earliest_ready.day, sys_days{2026y / December / 1});
}

// An upgrade that closes a false ready, or `fleet.reports_only` switched off, and the
// list would go on with the old answers until each domain's turn.
TEST_F(EvaluatorTest, OtherRulesThanThoseOfTheStatusesAskForAllAtOnce) {
  WriteCleanFortnight();
  EvaluateAll(*MakeEvaluator());
  ASSERT_EQ(Status("verdict"), "ready");
  EXPECT_EQ(EvaluateAll(*MakeEvaluator()), 0) << "the same rules";
  Cell(*owner_, "UPDATE domain_status SET ruleset = '2026-10' RETURNING ruleset");
  EXPECT_GT(EvaluateAll(*MakeEvaluator()), 0);
  EXPECT_EQ(Status("ruleset"), kRuleset);
  options_.rules.live = true;
  EvaluateAll(*MakeEvaluator());
  EXPECT_EQ(Status("verdict"), "insufficient_evidence");
  EXPECT_EQ(Log(), " -> ready, ready -> insufficient_evidence");
}

TEST_F(EvaluatorTest, TheLogSaysWithWhatItWasDecided) {
  WriteCleanFortnight();
  EvaluateAll(*MakeEvaluator());
  const auto changes = store::ReadStateChanges(*owner_, "firm.example", {}, 10);
  ASSERT_TRUE(changes.has_value() && changes->size() == 1);
  const store::StateChange first = changes->front();
  EXPECT_EQ(first.ruleset, kRuleset);
  EXPECT_THAT(first.settings, testing::HasSubstr("\"min_sessions\": 100"));
  EXPECT_THAT(first.settings, testing::HasSubstr("google.com"));
  EXPECT_THAT(first.settings, testing::HasSubstr("\"live\": false"));
  EXPECT_EQ(first.changed_at, clock_.now);
  WriteRefusal("refused");
  EvaluateAll(*MakeEvaluator());
  const auto later = store::ReadStateChanges(*owner_, "firm.example", {}, 1);
  ASSERT_TRUE(later.has_value() && later->size() == 1);
  EXPECT_NE(later->front().evidence_digest, first.evidence_digest);
}

// A report in somebody's spool concerns all domains and none: it is no change of theirs.
TEST_F(EvaluatorTest, WhatWaitsInASpoolIsNoChangeOfADomain) {
  WriteCleanFortnight();
  Sql("INSERT INTO node (heartbeat_at, started_at, spool_oldest_at, spool_depth,"
      " spool_waiting, node, version) VALUES"
      " ('2026-11-20 08:59:00+00', '2026-11-01', now(), 5, 0, 'a', '0.1.0'),"
      " ('2026-11-19', '2026-11-01', NULL, 0, 0, 'dead', '0.1.0')");
  EvaluateAll(*MakeEvaluator());
  EXPECT_EQ(Log(), " -> ready");
}

TEST_F(EvaluatorTest, WhatIsHeldInQuarantineIsAChange) {
  WriteCleanFortnight();
  store::ReceiptRecord held = MakeRecord({});
  held.receipt.quarantined_count = held.receipt.report_count = 1;
  held.receipt.quarantined_domains = {"firm.example"};
  Write({held});
  EvaluateAll(*MakeEvaluator());
  EXPECT_EQ(Status("verdict"), "insufficient_evidence");
  EXPECT_EQ(Status("blocking"), "{intake_settled}");
}

TEST_F(EvaluatorTest, ADayPasses) {
  WriteCleanFortnight();
  const auto evaluator = MakeEvaluator();
  EvaluateAll(*evaluator);
  EXPECT_EQ(Status("verdict"), "ready");
  clock_.now = kToday + 23h + 59min;
  EXPECT_EQ(EvaluateAll(*evaluator), 0);
  // The window moves on by itself: reports that came are too few in it at last.
  for (int day = 1; day <= 6; ++day) {
    clock_.now = kToday + days{day} + TurnOf("firm.example", 1h) - 1s;
    EXPECT_EQ(EvaluateAll(*evaluator), 0) << "not its turn yet";
    clock_.now += 1s;
    EXPECT_EQ(EvaluateAll(*evaluator), 1);
    EXPECT_EQ(EvaluateAll(*evaluator), 0);
  }
  EXPECT_EQ(Status("verdict"), "insufficient_evidence");
  EXPECT_EQ(Log(), " -> ready, ready -> insufficient_evidence");
}

TEST_F(EvaluatorTest, WhatIsNotOursIsForgotten) {
  const auto evaluator = MakeEvaluator();
  EvaluateAll(*evaluator);
  ASSERT_TRUE(store::RemoveDomain(*ingest_, "firm.example"));
  EXPECT_EQ(EvaluateAll(*evaluator), 1);
  EXPECT_EQ(Status("verdict"), "NULL");
  EXPECT_EQ(Cell(*ingest_, "SELECT count(*) FROM work WHERE kind = 'evaluate'"), "0");
}

TEST_F(EvaluatorTest, ADomainThatNobodyAskedForIsFound) {
  Sql("DELETE FROM work; INSERT INTO domain SELECT now(), 'd' || n || '.example',"
      " 'command' FROM generate_series(1, 45) AS n");
  EXPECT_EQ(EvaluateAll(*MakeEvaluator()), 46) << "more than are taken at once";
}

TEST_F(EvaluatorTest, EveryDomainWhenSomethingConcernsAll) {
  ASSERT_TRUE(
      store::AddDomains(*ingest_, {"a.example", "b.example"}, "command", clock_.now));
  const auto evaluator = MakeEvaluator();
  EXPECT_EQ(EvaluateAll(*evaluator), 3);
  ASSERT_TRUE(store::AddMxHosts(*ingest_, {"mx.example"}, clock_.now));
  EXPECT_EQ(EvaluateAll(*evaluator), 4) << "the piece that stands for all, and three";
}

// What an evaluator died with is another's when the lease ends, and is logged once.
TEST_F(EvaluatorTest, WhoDiesAmidLeavesItToAnother) {
  Sql("UPDATE work SET not_before = now() WHERE kind = 'evaluate'");
  const auto taken = store::TakeSomeWork(*ingest_, store::kWorkEvaluate, "dead", 60s, 10);
  ASSERT_TRUE(taken.has_value() && taken->size() == 1);
  const auto heir = MakeEvaluator("heir");
  EXPECT_EQ(EvaluateAll(*heir), 0);
  Sql("UPDATE work SET lease_until = now() WHERE lease_node = 'dead'");
  EXPECT_EQ(EvaluateAll(*heir), 1);
  EXPECT_EQ(Log(), " -> insufficient_evidence");
}

// A domain that cannot be evaluated stops nobody, and is tried again later.
TEST_F(EvaluatorTest, OneThatFailsStopsNobody) {
  ASSERT_TRUE(store::AddDomains(*ingest_, {"z.example"}, "command", clock_.now));
  ASSERT_FALSE(test::Failure(*owner_,
                             "ALTER TABLE domain_status ADD CONSTRAINT refused CHECK"
                             " (policy_domain <> 'firm.example')"));
  const auto evaluator = MakeEvaluator();
  Sql("UPDATE work SET not_before = now() WHERE kind = 'evaluate'");
  ASSERT_EQ(*evaluator->DoSome(), 2);
  EXPECT_EQ(Cell(*owner_, "SELECT string_agg(policy_domain, ',') FROM domain_status"),
            "z.example");
  EXPECT_EQ(Cell(*ingest_,
                 "SELECT attempts || ' ' || (not_before > now()) ||"
                 " coalesce(lease_node, '') FROM work"
                 " WHERE domain = 'firm.example' AND kind = 'evaluate'"),
            "1 true");
  EXPECT_EQ(*evaluator->DoSome(), 0) << "not at once";
}

TEST_F(EvaluatorTest, WhoIsToldToStopGivesBackWhatIsInHand) {
  const auto evaluator = MakeEvaluator();
  Sql("UPDATE work SET not_before = now() WHERE kind = 'evaluate'");
  evaluator->Stop();
  EXPECT_EQ(*evaluator->DoSome(), 0);
  EXPECT_EQ(EvaluateAll(*MakeEvaluator("two")), 1);
}

}  // namespace
}  // namespace tlsrpt::api
