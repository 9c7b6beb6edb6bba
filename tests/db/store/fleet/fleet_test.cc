// What a list over the fleet says, and when it does not say `ready`.
#include "store/queries/fleet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/work/work.h"
#include "tests/support/migrated_database.h"

namespace tlsrpt::store {
namespace {

using namespace std::chrono;  // NOLINT: literals

using testing::ElementsAre;
using testing::IsEmpty;

constexpr TimePoint kNow = sys_days{2026y / November / 26} + 9h;

class FleetTest : public testing::Test {
 protected:
  void Sql(const std::string& sql) {
    const auto failed = test::Failure(*owner_, sql);
    ASSERT_FALSE(failed) << failed->error.message;
  }
  void Add(const std::string& domain, const std::string& verdict,
           TimePoint at = kNow - 1h) {
    ASSERT_TRUE(owner_->Transact([&](Transaction& tx) {
      tx.Exec("INSERT INTO domain VALUES (now(), '" + domain + "', 'command')");
      if (verdict.empty()) return;
      tx.Query("status_put", {domain, verdict, verdict == "enforcing" ? "at_risk" : "",
                              verdict == "ready" ? "normal" : "", "live", "2026-11",
                              "A sentence.", std::vector<std::string>(), "", std::nullopt,
                              at, floor<days>(at) - days{2}, at + 20h, at, Uuid{}});
    }));
  }
  std::vector<std::string> Page(const std::optional<std::string>& state,
                                const FleetMoment& moment = {.now = kNow},
                                const std::string& after = {}, std::int64_t limit = 100) {
    auto page = ReadFleetPage(*connection_,
                              {.after = after,
                               .limit = limit,
                               .only = only_,
                               .state = state,
                               .search = search_},
                              moment);
    if (!page) throw std::runtime_error(page.error().error.message);
    std::vector<std::string> lines;
    for (const FleetRow& row : *page) {
      lines.push_back(
          row.domain.domain + " " + std::string(row.State()) +
          (row.hold == Hold::kNone ? "" : " " + std::string(NameOf(row.hold))));
    }
    return lines;
  }
  FleetCounts Counts(const FleetMoment& moment = {.now = kNow}) {
    auto counts = CountFleet(*connection_, only_, moment);
    if (!counts) throw std::runtime_error(counts.error().error.message);
    return *counts;
  }
  void Request(const std::string& domain) {
    ASSERT_TRUE(owner_->Transact(
        [&](Transaction& tx) { RequestWork(tx, kWorkEvaluate, {domain}); }));
  }

  std::optional<std::set<std::string>> only_;
  std::string search_;
  test::TestDatabase database_ = test::MakeMigratedDatabase();
  std::unique_ptr<Connection> owner_ = test::OpenOrDie(database_.dsn(), "tlsrptd_owner");
  std::unique_ptr<Connection> connection_ =
      test::OpenOrDie(database_.dsn(), "tlsrptd_api");
};

TEST_F(FleetTest, EachStateByName) {
  Add("a.example", "ready");
  Add("b.example", "not_ready");
  Add("c.example", "enforcing");
  Add("d.example", "ready");
  Add("e.example", "");
  Add(".below.example", "");
  EXPECT_THAT(Page("ready"), ElementsAre("a.example ready", "d.example ready"));
  EXPECT_THAT(Page("not_ready"), ElementsAre("b.example not_ready"));
  EXPECT_THAT(Page("enforcing"), ElementsAre("c.example enforcing"));
  EXPECT_THAT(Page("not_applicable"), IsEmpty());
  EXPECT_THAT(Page("unknown"), ElementsAre("e.example unknown never_evaluated"));
  EXPECT_THAT(Page(std::nullopt),
              ElementsAre(".below.example ", "a.example ready", "b.example not_ready",
                          "c.example enforcing", "d.example ready",
                          "e.example unknown never_evaluated"));
  const FleetCounts counts = Counts();
  EXPECT_EQ(counts.domains, 5);
  EXPECT_EQ(counts.at_risk, 1);
  EXPECT_THAT(counts.by_state,
              ElementsAre(std::pair("enforcing", 1), std::pair("not_ready", 1),
                          std::pair("ready", 2), std::pair("unknown", 1)));
}

struct HoldRow {
  const char* why;
  const char* work;  // work on this domain waits; null: none
  TimePoint evaluated_at = kNow - 1h;
  bool intake_behind = false;
  const char* hold;
};

const HoldRow kHolds[] = {
    {"nothing speaks against it", nullptr, kNow - 1h, false, ""},
    {"a report came a second ago", "a.example", kNow - 1h, false, "evaluation_due"},
    {"a reporter is muted", "", kNow - 1h, false, "evaluation_due"},
    {"work on somebody else", "b.example", kNow - 1h, false, ""},
    {"its turn has just come", nullptr, kNow - 20h - 30min, false, ""},
    {"no worker runs", nullptr, kNow - 22h, false, "overdue"},
    {"a clock was wrong", nullptr, kNow + 1h, false, "overdue"},
    {"nobody knows what waits in the spool", nullptr, kNow - 1h, true, "intake_behind"},
};

// A false `ready` is the worst there is: what is held is never among them, in no list and
// in no count.
TEST_F(FleetTest, AReadyThatIsHeldIsNotReady) {
  for (const HoldRow& row : kHolds) {
    SCOPED_TRACE(row.why);
    Sql("DELETE FROM domain; DELETE FROM domain_status; DELETE FROM work");
    Add("a.example", "ready", row.evaluated_at);
    if (row.work != nullptr) Request(row.work);
    const FleetMoment moment{kNow, row.intake_behind};
    const bool held = *row.hold != '\0';
    const std::string line =
        held ? std::string("a.example unknown ") + row.hold : "a.example ready";
    EXPECT_EQ(Page("ready", moment).size(), held ? 0u : 1u);
    EXPECT_EQ(Page("unknown", moment).size(), held ? 1u : 0u);
    EXPECT_THAT(Page(held ? "unknown" : "ready", moment), ElementsAre(line));
    EXPECT_THAT(Page(std::nullopt, moment), ElementsAre(line));
    EXPECT_THAT(Counts(moment).by_state,
                ElementsAre(std::pair(held ? "unknown" : "ready", 1)));
  }
}

// Nobody enforces because of another verdict, so it is told as it was, with the hold.
TEST_F(FleetTest, OtherVerdictsAreToldWithWhatSpeaksAgainstThem) {
  Add("a.example", "not_ready");
  Request("a.example");
  EXPECT_THAT(Page("not_ready"), ElementsAre("a.example not_ready evaluation_due"));
  EXPECT_THAT(Page("unknown"), IsEmpty());
  EXPECT_THAT(Counts().by_state, ElementsAre(std::pair("not_ready", 1)));
}

TEST_F(FleetTest, ADomainThatIsNotOursAnyMoreIsNoWhere) {
  Add("a.example", "ready");
  Sql("DELETE FROM domain");
  EXPECT_THAT(Page("ready"), IsEmpty());
  EXPECT_THAT(Page("unknown"), IsEmpty());
  EXPECT_EQ(Counts().domains, 0);
}

TEST_F(FleetTest, PagesFollowEachOther) {
  for (const char* domain : {"a.example", "b.example", "c.example", "d.example"}) {
    Add(domain, "ready");
  }
  Request("b.example");
  EXPECT_THAT(Page("ready", {.now = kNow}, "", 2),
              ElementsAre("a.example ready", "c.example ready"));
  EXPECT_THAT(Page("ready", {.now = kNow}, "c.example", 2),
              ElementsAre("d.example ready"));
}

TEST_F(FleetTest, OnlyThoseThatTheCallerMaySee) {
  Add("a.example", "ready");
  Add("b.example", "ready");
  Add("c.example", "");
  only_ = {{"b.example", "c.example"}};
  EXPECT_THAT(Page("ready"), ElementsAre("b.example ready"));
  EXPECT_THAT(Page("unknown"), ElementsAre("c.example unknown never_evaluated"));
  EXPECT_EQ(Counts().domains, 2);
  only_.emplace();
  EXPECT_THAT(Page("ready"), IsEmpty());
  EXPECT_EQ(Counts().domains, 0);
}

TEST_F(FleetTest, ByAPartOfTheName) {
  Add("a.example", "ready");
  Add("b.example", "ready");
  Add("c_a.example", "");
  search_ = "a.ex";
  EXPECT_THAT(Page("ready"), ElementsAre("a.example ready"));
  EXPECT_THAT(Page(std::nullopt),
              ElementsAre("a.example ready", "c_a.example unknown never_evaluated"));
  search_ = "%";
  EXPECT_THAT(Page(std::nullopt), IsEmpty()) << "no pattern, a name";
}

TEST_F(FleetTest, WhatWaitsIsCountedOnceItIsDue) {
  Add("a.example", "ready");
  Request("a.example");
  Sql("INSERT INTO work VALUES (now() - interval '90 seconds', NULL, 1, 0, 'b.example',"
      " 'evaluate', NULL), (now() + interval '1 hour', NULL, 1, 0, 'c.example',"
      " 'evaluate', NULL)");
  EXPECT_EQ(Counts().evaluations_due, 2);
  EXPECT_GE(Counts().oldest_due, 90s);
}

// By the index, whatever PostgreSQL thinks of 100,000 rows of which every tenth is ready;
// and it reads no more of them than the page holds.
TEST_F(FleetTest, ThePageOfOneStateIsReadByIndex) {
  Sql("INSERT INTO domain SELECT now(), 'd' || n || '.example', 'command'"
      " FROM generate_series(1, 20000) AS n");
  Sql("INSERT INTO domain_status SELECT now(), now() + interval '20 hours', now(),"
      " gen_random_uuid(), current_date, NULL, domain,"
      " CASE WHEN row_number() OVER () % 10 = 0 THEN 'ready' ELSE 'not_ready' END, '', "
      "'',"
      " 'live', '2026-11', 'A sentence.', '{}', '' FROM domain");
  Sql("ANALYZE domain, domain_status, work");
  const auto plan = connection_->Transact([](Transaction& tx) {
    tx.Exec("SET LOCAL plan_cache_mode = force_generic_plan");
    tx.Query("fleet_page_verdict", {"ready", "", 50, std::nullopt, TimePoint(kNow),
                                    kNow + days{300}, true, ""});
    std::string text;
    for (const Row row :
         tx.Exec("EXPLAIN (ANALYZE, TIMING OFF, COSTS OFF) EXECUTE fleet_page_verdict("
                 "'ready', 'd', 50, NULL, '2026-01-01', '2030-01-01', true, '')")) {
      text += std::string(row.Text(0)) + "\n";
    }
    return text;
  });
  ASSERT_TRUE(plan.has_value()) << plan.error().error.message;
  EXPECT_THAT(*plan, testing::HasSubstr("domain_status_by_verdict"));
  EXPECT_THAT(*plan,
              testing::HasSubstr("domain_status_by_verdict on domain_status status "
                                 "(actual rows=50"));
  EXPECT_THAT(*plan, testing::Not(testing::HasSubstr("Seq Scan on domain")));
  EXPECT_THAT(*plan, testing::Not(testing::HasSubstr("Sort")));
}

}  // namespace
}  // namespace tlsrpt::store
