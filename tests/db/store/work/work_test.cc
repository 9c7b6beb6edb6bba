#include "store/work/work.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "tests/support/migrated_database.h"

namespace tlsrpt::store {
namespace {

using namespace std::chrono;  // NOLINT: literals

using test::Cell;

const std::vector<std::string> kKinds = {"retry_foreign", "retry_foreign_late",
                                         "retention"};

class WorkTest : public testing::Test {
 protected:
  WorkTest() { connection_ = test::OpenOrDie(database_.dsn(), "tlsrptd_ingest"); }

  void Request(std::string_view kind, std::vector<std::string> domains,
               seconds delay = {}) {
    ASSERT_TRUE(connection_->Transact(
        [&](Transaction& tx) { RequestWork(tx, kind, domains, delay); }));
  }
  std::optional<WorkItem> Take(const std::string& holder, seconds lease = 60s) {
    auto item = TakeWork(*connection_, kKinds, holder, lease);
    if (!item) throw std::runtime_error(item.error().error.message);
    return *std::move(item);
  }
  std::string Rows() {
    return Cell(*connection_,
                "SELECT string_agg(domain || ' ' || kind || ' ' || generation, ','"
                " ORDER BY kind, domain) FROM work");
  }
  // As if `lease` seconds had gone by since the takes.
  void LeasesEnd() {
    ASSERT_FALSE(test::Failure(*connection_,
                               "UPDATE work SET lease_until = now() - interval '1 second'"
                               " WHERE lease_until IS NOT NULL"));
  }

  test::TestDatabase database_ = test::MakeMigratedDatabase();
  std::unique_ptr<Connection> connection_;
};

TEST_F(WorkTest, WhatIsAskedForIsTakenOnceAndFinished) {
  Request(kWorkRetryForeign, {"b.example", "a.example", "b.example"});
  EXPECT_EQ(Rows(), "a.example retry_foreign 1,b.example retry_foreign 1");
  const auto first = Take("one");
  const auto second = Take("two");
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->domain, second->domain);
  EXPECT_FALSE(Take("three"));
  ASSERT_TRUE(FinishWork(*connection_, *first, "one"));
  ASSERT_TRUE(FinishWork(*connection_, *second, "two"));
  EXPECT_EQ(Rows(), "NULL");
}

TEST_F(WorkTest, ARequestWhileItIsInHandIsNotLost) {
  Request(kWorkRetryForeign, {"a.example"});
  const auto item = Take("one");
  ASSERT_TRUE(item);
  Request(kWorkRetryForeign, {"a.example"});
  EXPECT_FALSE(Take("two")) << "it is in hand still";
  ASSERT_TRUE(FinishWork(*connection_, *item, "one"));
  EXPECT_EQ(Rows(), "a.example retry_foreign 2");
  EXPECT_TRUE(Take("two"));
}

TEST_F(WorkTest, WhoDiesLosesItWhenTheLeaseEnds) {
  Request(kWorkRetryForeign, {"a.example"});
  const auto dead = Take("dead");
  ASSERT_TRUE(dead);
  EXPECT_EQ(dead->attempts, 1);
  EXPECT_FALSE(Take("heir"));
  LeasesEnd();
  const auto item = Take("heir");
  ASSERT_TRUE(item);
  EXPECT_EQ(item->attempts, 2);
  // He was not dead after all: nothing he says counts any more.
  const auto extended = ExtendWork(*connection_, *dead, "dead", 60s);
  ASSERT_TRUE(extended);
  EXPECT_FALSE(*extended);
  ASSERT_TRUE(FinishWork(*connection_, *dead, "dead"));
  EXPECT_EQ(Rows(), "a.example retry_foreign 1");
  ASSERT_TRUE(FinishWork(*connection_, *item, "heir"));
  EXPECT_EQ(Rows(), "NULL");
}

TEST_F(WorkTest, ALeaseThatIsExtendedLasts) {
  Request(kWorkRetryForeign, {"a.example"});
  const auto item = Take("one");
  ASSERT_TRUE(item);
  LeasesEnd();
  ASSERT_TRUE(ExtendWork(*connection_, *item, "one", 60s));
  EXPECT_FALSE(Take("two"));
}

TEST_F(WorkTest, WhatIsAskedForLaterIsNotDue) {
  ASSERT_TRUE(connection_->Transact(
      [](Transaction& tx) { RequestForeignRetry(tx, {"a.example"}); }));
  const auto now = Take("one");
  ASSERT_TRUE(now);
  EXPECT_EQ(now->kind, kWorkRetryForeign);
  EXPECT_FALSE(Take("one"));
  EXPECT_EQ(Rows(), "a.example retry_foreign 1,a.example retry_foreign_late 1");
}

TEST_F(WorkTest, WorkThatComesAgain) {
  ASSERT_TRUE(EnsureWork(*connection_, kWorkRetention));
  ASSERT_TRUE(EnsureWork(*connection_, kWorkRetention));
  const auto item = Take("one");
  ASSERT_TRUE(item);
  EXPECT_EQ(item->domain, "");
  ASSERT_TRUE(GiveBackWork(*connection_, *item, "one", 3600s, true));
  EXPECT_FALSE(Take("one"));
  EXPECT_EQ(Cell(*connection_,
                 "SELECT attempts || ' ' || (not_before > now() + interval '59 minutes')"
                 " FROM work"),
            "0 true");
  // Asked for in the meantime, it is due at once.
  Request(kWorkRetention, {""});
  const auto asked = Take("one");
  ASSERT_TRUE(asked);
  // Failed: later, and the attempts are counted.
  ASSERT_TRUE(GiveBackWork(*connection_, *asked, "one", 60s, false));
  EXPECT_EQ(Cell(*connection_, "SELECT attempts FROM work"), "1");
}

TEST_F(WorkTest, OtherKindsAreNotTaken) {
  Request("something_else", {"a.example"});
  EXPECT_FALSE(Take("one"));
}

TEST_F(WorkTest, ManyTakersAtOnceEachGetTheirOwn) {
  constexpr int kPieces = 40;
  std::vector<std::string> domains;
  for (int i = 0; i < kPieces; ++i) domains.push_back("d" + std::to_string(i));
  Request(kWorkRetryForeign, domains);
  std::vector<std::set<std::string>> taken(4);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < taken.size(); ++t) {
    threads.emplace_back([&, t] {
      const auto own = test::OpenOrDie(database_.dsn(), "tlsrptd_ingest");
      const std::string holder = "taker" + std::to_string(t);
      while (true) {
        const auto item = TakeWork(*own, kKinds, holder, 60s);
        if (!item || !*item) return;
        taken[t].insert((*item)->domain);
        if (!FinishWork(*own, **item, holder)) return;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::size_t sum = 0;
  std::set<std::string> all;
  for (const auto& of_one : taken) {
    sum += of_one.size();
    all.insert(of_one.begin(), of_one.end());
  }
  EXPECT_EQ(sum, static_cast<std::size_t>(kPieces)) << "a piece was done twice";
  EXPECT_EQ(all.size(), static_cast<std::size_t>(kPieces));
}

}  // namespace
}  // namespace tlsrpt::store
