#include "store/fleet/status_book.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "store/queries/fleet.h"
#include "tests/support/migrated_database.h"

namespace tlsrpt::store {
namespace {

using namespace std::chrono;  // NOLINT: literals

using test::Cell;

constexpr TimePoint kNow = sys_days{2026y / November / 26} + 9h;
constexpr char kSettings[] = R"({"window_days": 14})";

DomainStatus Status(const std::string& domain, const std::string& verdict,
                    TimePoint at = kNow) {
  DomainStatus status;
  status.domain = domain;
  status.state.verdict = verdict;
  if (verdict == "ready") status.state.confidence = "normal";
  if (verdict == "enforcing") status.state.health = "ok";
  if (verdict == "not_ready") status.blocking = {"no_refused_sessions", "days_covered"};
  status.basis = "live";
  status.ruleset = "2026-11";
  status.sentence = "It is " + verdict + ".";
  status.evaluated_at = at;
  status.evaluated_for = floor<days>(at) - days{2};
  status.next_evaluation = at + 24h;
  return status;
}

class StatusBookTest : public testing::Test {
 protected:
  void AddDomains(int count) {
    Sql("INSERT INTO domain SELECT now(), 'd' || n || '.example', 'command'"
        " FROM generate_series(1, " +
        std::to_string(count) + ") AS n");
  }
  void Sql(const std::string& sql) {
    const auto failed = test::Failure(*owner_, sql);
    ASSERT_FALSE(failed) << failed->error.message;
  }
  void Request(const std::string& domain) {
    ASSERT_TRUE(owner_->Transact(
        [&](Transaction& tx) { RequestWork(tx, kWorkEvaluate, {domain}); }));
  }
  WorkItem Take(const std::string& holder, const std::string& domain = "d1.example") {
    Request(domain);
    return TakeWaiting(holder);
  }
  WorkItem TakeWaiting(const std::string& holder) {
    auto items = TakeSomeWork(*connection_, kWorkEvaluate, holder, 60s, 1);
    if (!items || items->empty()) throw std::runtime_error("nothing to take");
    return items->front();
  }
  void LeasesEnd() {
    Sql("UPDATE work SET lease_until = now() - interval '1 second'"
        " WHERE lease_until IS NOT NULL");
  }
  StatusWritten Write(const WorkItem& item, const std::string& holder,
                      const DomainStatus& status) {
    auto written = WriteStatus(*connection_, item, holder, status, kSettings);
    if (!written) throw std::runtime_error(written.error().error.message);
    return *std::move(written);
  }
  // "1 '' -> ready, 2 ready -> not_ready"
  std::string Log(const std::string& domain = "d1.example") {
    return Cell(*owner_,
                "SELECT string_agg(change_no || ' ' || old_verdict || ' -> ' ||"
                " new_verdict, ', ' ORDER BY change_no) FROM state_change"
                " WHERE policy_domain = '" +
                    domain + "'");
  }
  std::string Verdict(const std::string& domain = "d1.example") {
    return Cell(
        *owner_,
        "SELECT max(verdict) FROM domain_status WHERE policy_domain = '" + domain + "'");
  }
  std::string Waiting() {
    return Cell(*owner_,
                "SELECT string_agg(domain, ',' ORDER BY domain) FROM work"
                " WHERE kind = 'evaluate'");
  }

  test::TestDatabase database_ = test::MakeMigratedDatabase();
  std::unique_ptr<Connection> owner_ = test::OpenOrDie(database_.dsn(), "tlsrptd_owner");
  std::unique_ptr<Connection> connection_ =
      test::OpenOrDie(database_.dsn(), "tlsrptd_api");
};

TEST_F(StatusBookTest, AChangeIsLoggedAndWhatStaysIsNot) {
  AddDomains(1);
  auto written = Write(Take("a"), "a", Status("d1.example", "insufficient_evidence"));
  ASSERT_TRUE(written.in_time && written.change);
  EXPECT_FALSE(written.change->before);
  EXPECT_EQ(Waiting(), "NULL") << "the work is done with it";
  written =
      Write(Take("a"), "a", Status("d1.example", "insufficient_evidence", kNow + 1h));
  EXPECT_TRUE(written.in_time);
  EXPECT_FALSE(written.change);
  EXPECT_EQ(Cell(*owner_,
                 "SELECT changed_at = '2026-11-26 09:00:00+00'"
                 " AND evaluated_at = '2026-11-26 10:00:00+00'"
                 " FROM domain_status"),
            "t");
  written = Write(Take("a"), "a", Status("d1.example", "ready", kNow + 2h));
  ASSERT_TRUE(written.change && written.change->before);
  EXPECT_EQ(written.change->before->verdict, "insufficient_evidence");
  EXPECT_EQ(written.change->after.confidence, "normal");
  EXPECT_EQ(Log(), "1  -> insufficient_evidence, 2 insufficient_evidence -> ready");
}

TEST_F(StatusBookTest, HealthAndConfidenceAreChangesToo) {
  AddDomains(1);
  DomainStatus status = Status("d1.example", "enforcing");
  Write(Take("a"), "a", status);
  status.state.health = "at_risk";
  EXPECT_TRUE(Write(Take("a"), "a", status).change);
  status = Status("d1.example", "ready");
  EXPECT_TRUE(Write(Take("a"), "a", status).change);
  status.state.confidence = "low";
  EXPECT_TRUE(Write(Take("a"), "a", status).change);
  status.sentence = "Said otherwise.";
  EXPECT_FALSE(Write(Take("a"), "a", status).change);
}

TEST_F(StatusBookTest, WhatIsLoggedIsRead) {
  AddDomains(1);
  DomainStatus status = Status("d1.example", "not_ready");
  status.evidence_digest = UuidFromBytes("0123456789abcdef").value();
  Write(Take("a"), "a", status);
  Write(Take("a"), "a", Status("d1.example", "ready", kNow + 24h));
  const auto changes = ReadStateChanges(*connection_, "d1.example", std::nullopt, 10);
  ASSERT_TRUE(changes.has_value());
  ASSERT_EQ(changes->size(), 2u);
  EXPECT_EQ((*changes)[0].change_no, 2);
  EXPECT_EQ((*changes)[0].before, status.state);
  EXPECT_EQ((*changes)[0].after.verdict, "ready");
  const StateChange& first = (*changes)[1];
  EXPECT_EQ(first.change_no, 1);
  EXPECT_FALSE(first.before);
  EXPECT_EQ(first.changed_at, kNow);
  EXPECT_EQ(first.blocking, status.blocking);
  EXPECT_EQ(first.settings, kSettings);
  EXPECT_EQ(first.evidence_digest, status.evidence_digest);
  EXPECT_EQ(first.evaluated_for, status.evaluated_for);
  EXPECT_EQ(first.ruleset, "2026-11");
  const auto older = ReadStateChanges(*connection_, "d1.example", 2, 10);
  ASSERT_TRUE(older.has_value() && older->size() == 1);
  EXPECT_EQ(older->front().change_no, 1);
}

TEST_F(StatusBookTest, WhoLostTheLeaseWritesNothing) {
  AddDomains(1);
  const WorkItem slow = Take("slow");
  LeasesEnd();
  const WorkItem heir = TakeWaiting("heir");
  EXPECT_FALSE(Write(slow, "slow", Status("d1.example", "ready")).in_time);
  EXPECT_EQ(Verdict(), "NULL");
  EXPECT_TRUE(Write(heir, "heir", Status("d1.example", "not_ready")).in_time);
  EXPECT_FALSE(Write(slow, "slow", Status("d1.example", "ready")).in_time);
  EXPECT_EQ(Verdict(), "not_ready");
  EXPECT_EQ(Log(), "1  -> not_ready");
}

// The transaction fails after the status was written: as if the process had died there.
TEST_F(StatusBookTest, WhoDiesInBetweenHasWrittenNothing) {
  AddDomains(1);
  const WorkItem item = Take("dies");
  DomainStatus status = Status("d1.example", "ready");
  const auto died = WriteStatus(*connection_, item, "dies", status, "no JSON");
  ASSERT_FALSE(died.has_value());
  EXPECT_EQ(Verdict(), "NULL");
  EXPECT_EQ(Log(), "NULL");
  EXPECT_EQ(Waiting(), "d1.example") << "its work is there still";
  LeasesEnd();
  EXPECT_TRUE(Write(TakeWaiting("heir"), "heir", status).change);
  EXPECT_EQ(Log(), "1  -> ready");
}

TEST_F(StatusBookTest, AReadyThatNamesAnObstacleIsRefused) {
  AddDomains(1);
  DomainStatus status = Status("d1.example", "ready");
  status.blocking = {"intake_settled"};
  const auto refused = WriteStatus(*connection_, Take("a"), "a", status, kSettings);
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().error.message, testing::HasSubstr("domain_status_ready"));
  EXPECT_EQ(Verdict(), "NULL");
}

TEST_F(StatusBookTest, ARequestThatCameMeanwhileStaysAfterTheStatus) {
  AddDomains(1);
  const WorkItem item = Take("a");
  Request("d1.example");
  EXPECT_TRUE(Write(item, "a", Status("d1.example", "ready")).in_time);
  EXPECT_EQ(Waiting(), "d1.example");
}

// Workers that get in each other's way: the log of each domain is one chain, whoever
// wrote which link.
TEST_F(StatusBookTest, ManyWorkersKeepOneChain) {
  AddDomains(3);
  const std::vector<std::string> verdicts = {"ready", "not_ready", "enforcing"};
  std::atomic<bool> failed = false;
  std::vector<std::thread> workers;
  for (int worker = 0; worker < 4; ++worker) {
    workers.emplace_back([&, worker] {
      const auto own = test::OpenOrDie(database_.dsn(), "tlsrptd_api");
      const std::string holder = "w" + std::to_string(worker);
      for (int turn = 0; turn < 60; ++turn) {
        const std::string wanted = "d" + std::to_string(turn % 3 + 1) + ".example";
        const auto requested = own->Transact(
            [&](Transaction& tx) { RequestWork(tx, kWorkEvaluate, {wanted}); });
        // A lease of no time at all: others take it away again and again.
        const auto items =
            TakeSomeWork(*own, kWorkEvaluate, holder, seconds(worker % 2 * 60), 2);
        if (!requested || !items) {
          failed = true;
          return;
        }
        for (const WorkItem& item : *items) {
          const auto& verdict = verdicts[static_cast<std::size_t>(worker + turn) % 3];
          const auto written =
              WriteStatus(*own, item, holder, Status(item.domain, verdict), kSettings);
          if (!written) failed = true;
        }
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  EXPECT_FALSE(failed);
  EXPECT_NE(Cell(*owner_, "SELECT count(*) FROM state_change"), "0");
  EXPECT_EQ(Cell(*owner_,
                 "SELECT count(*) FROM (SELECT old_verdict, change_no,"
                 " lag(new_verdict, 1, '') OVER one AS before,"
                 " row_number() OVER one AS number FROM state_change"
                 " WINDOW one AS (PARTITION BY policy_domain ORDER BY change_no)) AS link"
                 " WHERE old_verdict <> before OR change_no <> number"),
            "0");
  EXPECT_EQ(Cell(*owner_,
                 "SELECT count(*) FROM domain_status AS status WHERE verdict <> (SELECT"
                 " new_verdict FROM state_change AS change WHERE change.policy_domain ="
                 " status.policy_domain ORDER BY change_no DESC LIMIT 1)"),
            "0");
}

TEST_F(StatusBookTest, WhatIsNotOursLosesItsStatusAndKeepsItsLog) {
  AddDomains(1);
  Write(Take("a"), "a", Status("d1.example", "ready"));
  const auto dropped = DropStatus(*connection_, Take("a"), "a");
  ASSERT_TRUE(dropped.has_value() && *dropped);
  EXPECT_EQ(Verdict(), "NULL");
  // Ours again: its numbers go on.
  Write(Take("a"), "a", Status("d1.example", "ready"));
  EXPECT_EQ(Log(), "1  -> ready, 2  -> ready");
}

TEST_F(StatusBookTest, ADayLaterTheyAreDueAFewAtATime) {
  AddDomains(5);
  for (int n = 1; n <= 5; ++n) {
    const std::string domain = "d" + std::to_string(n) + ".example";
    Write(Take("a", domain), "a", Status(domain, "ready", kNow + minutes(n)));
  }
  EXPECT_EQ(*RequestDue(*connection_, kNow + 23h, 100), 0);
  EXPECT_EQ(*RequestDue(*connection_, kNow + 24h + 10min, 2), 2);
  EXPECT_EQ(Waiting(), "d1.example,d2.example") << "the longest due";
  EXPECT_EQ(*RequestDue(*connection_, kNow + 24h + 10min, 2), 2)
      << "those that wait stand in nobody's way";
  EXPECT_EQ(*RequestDue(*connection_, kNow + 24h + 10min, 2), 1);
  EXPECT_EQ(*RequestDue(*connection_, kNow + 24h + 10min, 2), 0);
}

TEST_F(StatusBookTest, WhatIsMissingIsFound) {
  AddDomains(3);
  Sql("INSERT INTO domain VALUES (now(), '.below.example', 'command')");
  EXPECT_EQ(*RequestMissing(*connection_, kNow, 2), 2);
  EXPECT_EQ(*RequestMissing(*connection_, kNow, 2), 1);
  EXPECT_EQ(*RequestMissing(*connection_, kNow, 2), 0);
  EXPECT_EQ(Waiting(), "d1.example,d2.example,d3.example");
  Sql("DELETE FROM work");
  Write(Take("a", "d1.example"), "a", Status("d1.example", "ready", kNow));
  Write(Take("a", "d2.example"), "a", Status("d2.example", "ready", kNow + 48h));
  Write(Take("a", "d3.example"), "a", Status("d3.example", "ready", kNow));
  Sql("DELETE FROM domain WHERE domain = 'd3.example'");
  EXPECT_EQ(*RequestMissing(*connection_, kNow + 5min, 10), 2);
  EXPECT_EQ(Waiting(), "d2.example,d3.example") << "a clock was wrong; not ours any more";
}

TEST_F(StatusBookTest, EveryDomainBecomesWorkOfItsOwn) {
  AddDomains(3);
  Sql("INSERT INTO domain VALUES (now(), '.below.example', 'command')");
  const WorkItem all = Take("a", "");
  Request("d2.example");
  const auto done = RequestAll(*connection_, all, "a");
  ASSERT_TRUE(done.has_value() && *done);
  EXPECT_EQ(Waiting(), "d1.example,d2.example,d3.example");
}

}  // namespace
}  // namespace tlsrpt::store
