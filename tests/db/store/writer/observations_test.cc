#include "store/writer/observations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "store/model/observation_json.h"
#include "store/queries/observations.h"
#include "tests/support/migrated_database.h"

namespace tlsrpt::store {
namespace {

using namespace std::chrono;  // NOLINT: literals and days
using ::testing::HasSubstr;

constexpr TimePoint kMorning = sys_days{2026y / November / 20} + 6h;

Observation Look(TimePoint at, const std::string& mx = "mx1.firm.example") {
  Observation look;
  look.observed_at = at;
  look.complete = true;
  look.mx.state = LookupState::kFound;
  look.mx.hosts = {{mx, 10}};
  return look;
}

class ObservationsTest : public testing::Test {
 protected:
  std::size_t Add(const std::vector<Observation>& looks,
                  const std::string& domain = "firm.example") {
    std::vector<ObservationRecord> records;
    for (const Observation& look : looks) records.push_back({domain, "a", look});
    const auto added = AddObservations(*ingest_, records);
    EXPECT_TRUE(added) << added.error().error.message;
    return added ? *added : 0;
  }
  PgResult<std::vector<Observation>> TryRead(TimePoint until = kMorning + days{5}) {
    return api_->Transact([&](Transaction& tx) {
      return ReadLooks(tx, "firm.example", sys_days{2026y / October / 1}, until);
    });
  }
  std::vector<Observation> Read(TimePoint until = kMorning + days{5}) {
    auto looks = TryRead(until);
    EXPECT_TRUE(looks) << looks.error().error.message;
    return looks ? *looks : std::vector<Observation>{};
  }
  void Insert(const std::string& observed_at, const std::string& document) {
    const auto failed = test::Failure(
        *ingest_,
        "INSERT INTO observation (policy_domain, observed_at, observed_on, complete,"
        " node, content_hash, document) VALUES ('firm.example', '" +
            observed_at +
            "+00', '2026-11-20', true, 'a', '00000000-0000-0000-0000-000000000001', '" +
            document + "')");
    ASSERT_FALSE(failed) << failed->error.message;
  }

  test::TestDatabase database_ = test::MakeMigratedDatabase();
  std::unique_ptr<Connection> ingest_ =
      test::OpenOrDie(database_.dsn(), "tlsrptd_ingest");
  std::unique_ptr<Connection> api_ = test::OpenOrDie(database_.dsn(), "tlsrptd_api");
};

TEST_F(ObservationsTest, WhatWasSeenIsReadOldestFirst) {
  const std::vector<Observation> looks = {Look(kMorning), Look(kMorning + days{1})};
  EXPECT_EQ(Add({looks[1], looks[0]}), 2u);
  EXPECT_EQ(Add({Look(kMorning)}, "other.example"), 1u);
  EXPECT_EQ(Read(), looks);
  EXPECT_EQ(Read(kMorning), std::vector{looks[0]});
  EXPECT_TRUE(Read(kMorning - 1us).empty());
}

TEST_F(ObservationsTest, ALookIsThereOnceAndStaysAsItWas) {
  EXPECT_EQ(Add({Look(kMorning)}), 1u);
  EXPECT_EQ(Add({Look(kMorning, "mx2.firm.example"), Look(kMorning + 1h)}), 1u);
  EXPECT_EQ(Read(), (std::vector{Look(kMorning), Look(kMorning + 1h)}));
}

TEST_F(ObservationsTest, BytesOfStrangersAreNoObstacle) {
  Observation look = Look(kMorning);
  look.policy.body = std::string("a\0b\xff", 4);
  EXPECT_EQ(Add({look}), 1u);
  ASSERT_EQ(Read().size(), 1u);
  EXPECT_EQ(Read()[0].policy.body, std::string("a\0b\uFFFD", 6));
}

TEST_F(ObservationsTest, OfTheSameOnOneDayTheFirstAndTheLast) {
  std::vector<Observation> hourly;
  for (int hour = 0; hour < 10; ++hour) hourly.push_back(Look(kMorning + hours{hour}));
  hourly[4] = Look(kMorning + 4h, "mx2.firm.example");
  Add(hourly);
  EXPECT_EQ(Read(), (std::vector{hourly[0], hourly[4], hourly[9]}));
  // What came later takes the place of none that had come by then.
  EXPECT_EQ(Read(kMorning + 6h), (std::vector{hourly[0], hourly[4], hourly[6]}));
  // Another day is told apart.
  Add({Look(kMorning + days{1})});
  EXPECT_EQ(Read().size(), 4u);
}

TEST_F(ObservationsTest, WhatCannotBeReadIsAnErrorAndNotAbsent) {
  Insert("2026-11-20 06:00", R"({"observed_at": 1, "complete": "yes"})");
  auto looks = TryRead();
  ASSERT_FALSE(looks);
  EXPECT_EQ(looks.error().error.kind, ErrorKind::kInternal);
  EXPECT_THAT(looks.error().error.message, HasSubstr("complete: not true or false"));
}

TEST_F(ObservationsTest, ALookOfAnotherTimeThanItsRowIsAnError) {
  // An old look in a row of today would speak for today.
  Insert("2026-11-20 06:00", ToJson(Look(kMorning + 1us)));
  const auto looks = TryRead();
  ASSERT_FALSE(looks);
  EXPECT_THAT(looks.error().error.message, HasSubstr("says another time"));
}

TEST_F(ObservationsTest, TooLongToBeReadAgainIsNotStored) {
  Observation look = Look(kMorning);
  look.policy.problem.assign(kMaxObservationBytes, 'x');
  const std::vector<ObservationRecord> records = {{"firm.example", "a", look}};
  const auto added = AddObservations(*ingest_, records);
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().error.kind, ErrorKind::kTooLarge);
}

TEST_F(ObservationsTest, AMonthThatIsNotKeptIsTold) {
  const std::vector<ObservationRecord> records = {
      {"firm.example", "a", Look(kMorning - days{400})}};
  const auto added = AddObservations(*ingest_, records);
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().what, PgFailure::kNoPartition);
}

TEST_F(ObservationsTest, PagesGoBackFromTheNewest) {
  for (int hour = 0; hour < 5; ++hour) Add({Look(kMorning + hours{hour * 10})});
  const auto page = ReadObservationPage(*api_, "firm.example", kMorning + 40h, 2);
  ASSERT_TRUE(page) << page.error().error.message;
  ASSERT_EQ(page->size(), 2u);
  EXPECT_EQ((*page)[0].observation, Look(kMorning + 30h));
  EXPECT_EQ((*page)[1].observation, Look(kMorning + 20h));
  EXPECT_EQ((*page)[0].node, "a");
}

TEST_F(ObservationsTest, WhichAreReadIsFoundInTheIndexAlone) {
  std::vector<Observation> looks;
  for (int hour = 0; hour < 300; ++hour) looks.push_back(Look(kMorning - hours{hour}));
  Add(looks);
  auto admin = test::OpenOrDie(database_.dsn());
  const auto read = admin->Transact([](Transaction& tx) {
    tx.Exec(
        "SET LOCAL search_path = tlsrptd; SET LOCAL enable_seqscan = off;"
        "SET LOCAL enable_bitmapscan = off");
    std::string plan;
    for (const Row row :
         tx.Exec("EXPLAIN SELECT min(observed_at), max(observed_at) FROM observation"
                 " WHERE policy_domain = 'firm.example'"
                 " AND observed_on BETWEEN '2026-11-01' AND '2026-11-20'"
                 " AND observed_at <= '2026-11-20 12:00+00'"
                 " GROUP BY observed_on, content_hash")) {
      plan += std::string(row.Text(0)) + "\n";
    }
    return plan;
  });
  ASSERT_TRUE(read) << read.error().error.message;
  EXPECT_THAT(*read, HasSubstr("Index Only Scan"));
}

}  // namespace
}  // namespace tlsrpt::store
