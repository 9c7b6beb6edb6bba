#include "store/schema/partitions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/support/migrated_database.h"

namespace tlsrpt::store {
namespace {

using namespace std::chrono;

struct MonthsRow {
  const char* why;
  TimePoint now;
  months retention;
  MonthRange want;
};

const MonthsRow kMonths[] = {
    {"two years and a month back, two months ahead",
     sys_days{2026y / November / 23} + 9h,
     months{25},
     {2024y / October, 2027y / January}},
    {"last microsecond of a month",
     sys_days{2026y / December / 1} - 1us,
     months{1},
     {2026y / October, 2027y / January}},
    {"first microsecond of the next",
     sys_days{2026y / December / 1},
     months{1},
     {2026y / November, 2027y / February}},
    {"no retention",
     sys_days{2026y / January / 31},
     months{0},
     {2026y / January, 2026y / March}},
};

TEST(NeededMonths, Table) {
  for (const MonthsRow& row : kMonths) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(NeededMonths(row.now, row.retention), row.want);
  }
}

class PartitionsTest : public ::testing::Test {
 protected:
  PartitionsTest() {
    auto migrated = Migrate(*admin_);
    if (!migrated) throw std::runtime_error(migrated.error().error.message);
    owner_ = test::OpenOrDie(database_.dsn(), "tlsrptd_owner");
  }
  std::string Count() {
    return test::Cell(*admin_,
                      "SELECT count(*) FROM pg_class WHERE relispartition "
                      "AND relkind = 'r'");
  }

  test::TestDatabase database_ = test::MakeEmptyDatabase();
  std::unique_ptr<Connection> admin_ = test::OpenOrDie(database_.dsn());
  std::unique_ptr<Connection> owner_;
};

constexpr MonthRange kAutumn{2026y / September, 2026y / November};

TEST_F(PartitionsTest, EveryPartitionedTableGetsEveryMonthOnce) {
  const auto made = EnsurePartitions(*owner_, kAutumn);
  ASSERT_TRUE(made) << made.error().error.message;
  const std::string tables =
      test::Cell(*admin_,
                 "SELECT count(*) FROM pg_class WHERE relkind = 'p' "
                 "AND relnamespace = 'tlsrptd'::regnamespace");
  EXPECT_EQ(*made, 3 * std::stoi(tables));
  EXPECT_EQ(Count(), std::to_string(*made));
  const auto again = EnsurePartitions(*owner_, kAutumn);
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, 0);
  // One more month: only that.
  const auto more = EnsurePartitions(*owner_, {2026y / October, 2026y / December});
  ASSERT_TRUE(more);
  EXPECT_EQ(*more, std::stoi(tables));
}

TEST_F(PartitionsTest, BoundsAreCalendarMonths) {
  ASSERT_TRUE(EnsurePartitions(*owner_, {2026y / December, 2026y / December}));
  EXPECT_EQ(test::Cell(*admin_,
                       "SELECT pg_get_expr(relpartbound, oid) FROM pg_class "
                       "WHERE relname = 'report_p202612'"),
            "FOR VALUES FROM ('2026-12-01') TO ('2027-01-01')");
  EXPECT_EQ(test::Cell(*admin_,
                       "SELECT pg_get_userbyid(relowner) FROM pg_class "
                       "WHERE relname = 'report_p202612'"),
            "tlsrptd_owner");
}

TEST_F(PartitionsTest, RowWithoutAPartitionIsKeptApart) {
  ASSERT_TRUE(EnsurePartitions(*owner_, kAutumn));
  auto ingest = test::OpenOrDie(database_.dsn(), "tlsrptd_ingest");
  const std::string insert =
      "INSERT INTO receipt_raw (receipt_id, received_on, body) "
      "VALUES ('00000000-0000-0000-0000-000000000001', ";
  EXPECT_FALSE(test::Failure(*ingest, insert + "'2026-11-30', 'x')"));
  const auto error = test::Failure(*ingest, insert + "'2026-12-01', 'x')");
  ASSERT_TRUE(error);
  EXPECT_EQ(error->what, PgFailure::kNoPartition);
  EXPECT_EQ(error->error.kind, ErrorKind::kUnavailable);
}

TEST_F(PartitionsTest, TwoAtOnceDoNotFail) {
  auto other = test::OpenOrDie(database_.dsn(), "tlsrptd_owner");
  int made_by_other = -1;
  std::thread thread([&] {
    const auto made = EnsurePartitions(*other, kAutumn);
    if (made) made_by_other = *made;
  });
  const auto made = EnsurePartitions(*owner_, kAutumn);
  thread.join();
  ASSERT_TRUE(made) << made.error().error.message;
  ASSERT_GE(made_by_other, 0);
  EXPECT_EQ(Count(), std::to_string(*made + made_by_other));
}

TEST(NeededPartitions, EachKindHasARetentionAndReceiptsTheLonger) {
  const TimePoint now = sys_days{2026y / November / 23};
  const MonthRange three{2026y / August, 2027y / January};
  const MonthRange one{2026y / October, 2027y / January};
  EXPECT_EQ(NeededPartitions(now, months{3}, months{1}),
            (PartitionMonths{.reports = three, .receipts = three, .raw = one}));
  EXPECT_EQ(NeededPartitions(now, months{1}, months{3}),
            (PartitionMonths{.reports = one, .receipts = three, .raw = three}));
}

std::vector<std::string> NamesOf(const std::vector<Partition>& partitions) {
  std::vector<std::string> names;
  for (const Partition& partition : partitions) names.push_back(partition.name);
  return names;
}

TEST_F(PartitionsTest, WhatIsNotKeptIsFoundAndDropped) {
  ASSERT_TRUE(EnsurePartitions(*owner_, kAutumn));
  const MonthRange all = kAutumn;
  const MonthRange from_october{2026y / October, 2026y / November};
  const MonthRange from_november{2026y / November, 2026y / November};
  const auto none = FindExpired(*owner_, {all, all, all});
  ASSERT_TRUE(none) << none.error().error.message;
  EXPECT_THAT(*none, testing::IsEmpty());
  const auto expired = FindExpired(*owner_, {from_october, all, from_november});
  ASSERT_TRUE(expired);
  EXPECT_THAT(NamesOf(*expired),
              testing::ElementsAre("receipt_raw_p202609", "domain_day_failure_p202609",
                                   "domain_day_p202609", "observation_p202609",
                                   "policy_result_p202609", "report_failure_p202609",
                                   "report_p202609", "receipt_raw_p202610"));
  const auto failed = test::Failure(
      *owner_,
      "INSERT INTO tlsrptd.imported_body (digest, receipt_id, oldest_day, received_on)"
      " SELECT gen_random_uuid(), gen_random_uuid(), oldest_day, received_on FROM (VALUES"
      "  ('2026-09-30'::date, '2026-11-02'::date), ('2026-10-01', '2026-10-31'),"
      "  ('2026-10-01', '2026-11-01')) AS file (oldest_day, received_on)");
  ASSERT_FALSE(failed) << failed->error.message;
  for (const Partition& partition : *expired) {
    EXPECT_GT(partition.bytes, 0) << partition.name;
    const auto dropped =
        DropPartition(*owner_, partition, sys_days{2026y / November / 23});
    ASSERT_TRUE(dropped) << dropped.error().error.message;
    EXPECT_TRUE(dropped->dropped);
    const auto again = DropPartition(*owner_, partition, sys_days{2026y / November / 23});
    ASSERT_TRUE(again);
    EXPECT_FALSE(again->dropped) << "two workers at once";
  }
  EXPECT_EQ(test::Cell(*owner_,
                       "SELECT string_agg(oldest_day || ' ' || received_on, ',')"
                       " FROM tlsrptd.imported_body"),
            "2026-10-01 2026-11-01")
      << "a file is known as long as its reports and its bytes are there";
  // They are not made again by the same settings.
  const auto made = EnsureKeptMonths(*owner_, {from_october, all, from_november});
  ASSERT_TRUE(made);
  EXPECT_EQ(*made, 0);
}

TEST_F(PartitionsTest, NobodyButTheOwnerDrops) {
  ASSERT_TRUE(EnsurePartitions(*owner_, kAutumn));
  auto ingest = test::OpenOrDie(database_.dsn(), "tlsrptd_ingest");
  const auto refused =
      DropPartition(*ingest, {"report", "report_p202609", 2026y / September, 0, 0},
                    sys_days{2026y / November / 23});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().sqlstate, "42501");
}

TEST_F(PartitionsTest, RoleWithoutTheRightIsRefused) {
  auto ingest = test::OpenOrDie(database_.dsn(), "tlsrptd_ingest");
  const auto refused = EnsurePartitions(*ingest, kAutumn);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().sqlstate, "42501");
}

// A clock that is years ahead would end every month there is.
TEST_F(PartitionsTest, RetentionGoesByTheEarlierClockAndTheLastReceipt) {
  const auto now = floor<microseconds>(system_clock::now());
  const auto time = [&](TimePoint local) {
    const auto found = RetentionTime(*owner_, local);
    EXPECT_TRUE(found) << found.error().error.message;
    return found ? *found : TimePoint();
  };
  EXPECT_EQ(time(now - years(1)), now - years(1));
  EXPECT_LT(time(now + years(3)), now + hours(1)) << "the database knows better";

  const sys_days last = floor<days>(now) - days(200);
  const year_month month{year_month_day{last}.year(), year_month_day{last}.month()};
  ASSERT_TRUE(EnsurePartitions(*owner_, {month, month}));
  const auto failed = test::Failure(
      *admin_,
      "INSERT INTO tlsrptd.receipt (received_on, receipt_id, received_at, node, "
      "transport,"
      " peer, envelope_from, envelope_to, provenance, outcome, report_count, "
      "stored_count,"
      " duplicate_count, quarantined_count, parser_version, reason, reason_detail,"
      " foreign_domains, quarantined_domains) SELECT day, gen_random_uuid(), day, 'n', 1,"
      " '', '', '{}', 0, 4, 0, 0, 0, 0, 1, '', '', '{}', '{}'"
      " FROM (SELECT (now() AT TIME ZONE 'UTC')::date - 200) AS receipt (day)");
  ASSERT_FALSE(failed) << failed->error.message;
  EXPECT_EQ(time(now), TimePoint(last + kMaxSilence)) << "as little as after the last";
  EXPECT_EQ(time(now - years(1)), now - years(1));
}

}  // namespace
}  // namespace tlsrpt::store
