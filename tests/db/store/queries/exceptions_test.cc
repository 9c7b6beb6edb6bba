#include "store/queries/exceptions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <thread>

#include "base/clock.h"
#include "store/admin/exceptions.h"
#include "store/model/observation_json.h"
#include "store/queries/evidence.h"
#include "store/writer/observations.h"
#include "store/writer/reporter_list.h"
#include "store/writer/writer.h"
#include "tests/support/migrated_database.h"
#include "tests/support/records.h"

namespace tlsrpt::store {
namespace {

using namespace std::chrono;  // NOLINT: literals and days
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using test::kDay;
using test::kReceived;
using test::MakeRecord;
using test::MakeReport;
using test::Sts;

constexpr const char* kDomain = "firm.example";

Waiver Future(TimePoint made_at = kReceived) {
  Waiver waiver;
  waiver.reporter = "google.com";
  waiver.result_type = "validation-failure";
  waiver.mx = "MX1.firm.example";
  waiver.reason = "it's \\ \"so\"";
  waiver.who = "root";
  waiver.why = "because";
  waiver.made_at = made_at;
  waiver.until = floor<days>(made_at) + days{90};
  waiver.max_sessions = 3;
  return waiver;
}

Waiver Past(TimePoint made_at = kReceived) {
  Waiver waiver = Future(made_at);
  waiver.until.reset();
  waiver.max_sessions.reset();
  return waiver;
}

class ExceptionsTest : public testing::Test {
 protected:
  std::string Add(const Waiver& waiver, const std::string& domain = kDomain) {
    const auto id = AddWaiver(*admin_, domain, waiver);
    EXPECT_TRUE(id) << id.error().error.message;
    return id ? *id : "";
  }
  std::vector<Waiver> Waivers(const std::string& domain = kDomain) {
    const auto waivers = ReadWaivers(*api_, domain);
    EXPECT_TRUE(waivers) << waivers.error().error.message;
    return waivers ? *waivers : std::vector<Waiver>{};
  }
  void Set(const std::string& name, std::optional<std::string> value, TimePoint at,
           const std::string& plain = "min_sessions") {
    const auto done = SetDomainSettings(*admin_, kDomain,
                                        {{plain, name, std::move(value), at, "root"}});
    ASSERT_TRUE(done) << done.error().error.message;
  }
  std::vector<DomainSetting> Settings(std::optional<TimePoint> known_at = {}) {
    const auto settings = ReadDomainSettings(*api_, kDomain, known_at);
    EXPECT_TRUE(settings) << settings.error().error.message;
    return settings ? *settings : std::vector<DomainSetting>{};
  }
  Evidence Read(EvidenceQuestion question) {
    question.domain = kDomain;
    const auto evidence = ReadEvidence(*api_, question);
    EXPECT_TRUE(evidence) << evidence.error().error.message;
    return evidence ? *evidence : Evidence{};
  }
  void See(TimePoint at) {
    Observation look;
    look.observed_at = at;
    look.complete = true;
    const std::vector<ObservationRecord> records = {{kDomain, "a", look}};
    const auto added = AddObservations(*ingest_, records);
    ASSERT_TRUE(added) << added.error().error.message;
  }

  test::TestDatabase database_ = test::MakeMigratedDatabase();
  std::unique_ptr<Connection> admin_ = test::OpenOrDie(database_.dsn(), "tlsrptd_admin");
  std::unique_ptr<Connection> ingest_ =
      test::OpenOrDie(database_.dsn(), "tlsrptd_ingest");
  std::unique_ptr<Connection> api_ = test::OpenOrDie(database_.dsn(), "tlsrptd_api");
};

TEST_F(ExceptionsTest, AWaiverIsReadAsItWasMade) {
  Waiver future = Future(kReceived + 1s);
  Waiver past = Past();
  future.id = Add(future);
  past.id = Add(past);
  EXPECT_NE(future.id, past.id);
  Add(past, "other.example");
  EXPECT_EQ(Waivers(), (std::vector{past, future})) << "the oldest first";
  EXPECT_EQ(Waivers("other.example").size(), 1u);
}

TEST_F(ExceptionsTest, OnlyWhatKeepsTheBoundsIsMade) {
  Waiver waiver = Future();
  waiver.until = *waiver.until + days{1};
  const auto refused = AddWaiver(*admin_, kDomain, waiver);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error.kind, ErrorKind::kMalformed);
  EXPECT_THAT(refused.error().error.message, HasSubstr("90 days"));
  EXPECT_THAT(Waivers(), IsEmpty());
}

// What is reported until it is made is accepted without bound.
TEST_F(ExceptionsTest, AClockThatIsAheadAcceptsNoFuture) {
  const auto before = floor<seconds>(SystemClock().Now());
  Add(Past(before + days{3}));
  ASSERT_EQ(Waivers().size(), 1u);
  EXPECT_GE(Waivers()[0].made_at, before);
  EXPECT_LE(Waivers()[0].made_at, SystemClock().Now());
}

// How many wait for what a writer holds, or for who looks whether all have written.
std::int64_t Waiting(Connection& connection) {
  return *connection.Transact([](Transaction& tx) {
    return tx
        .Exec(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            " AND database = (SELECT oid FROM pg_database"
            "                 WHERE datname = current_database())")[0]
        .Int64(0);
  });
}

void UntilOneWaits(Connection& connection) {
  while (Waiting(connection) == 0) std::this_thread::sleep_for(5ms);
}

// A transaction that runs a query and stays open until it is told.
class Held {
 public:
  Held(const std::string& dsn, const char* query) {
    std::promise<void> began;
    auto ready = began.get_future();
    thread_ = std::thread([this, dsn, query, began = std::move(began)]() mutable {
      const auto connection = test::OpenOrDie(dsn);
      const auto done = connection->Transact([&](Transaction& tx) {
        tx.Query(query);
        began.set_value();
        go_.get_future().wait();
      });
      EXPECT_TRUE(done);
    });
    ready.wait();
  }
  void End() {
    go_.set_value();
    thread_.join();
  }

 private:
  std::promise<void> go_;
  std::thread thread_;
};

// A batch that is being written may be older than the waiver, and nobody sees it yet.
TEST_F(ExceptionsTest, AWaiverIsMadeWhenWhoWasWritingHasDoneSo) {
  Held batch(database_.dsn(), "write_begin");
  auto settled = std::async(std::launch::async, [&] { return WritesSettledAt(*api_); });
  UntilOneWaits(*admin_);
  batch.End();
  EXPECT_TRUE(settled.get());
}

TEST_F(ExceptionsTest, ABatchThatHadToWaitForAWaiverIsYoungerThanIt) {
  Held waiver(database_.dsn(), "writes_settled");
  auto written = std::async(std::launch::async, [&] {
    Writer writer({.dsn = database_.dsn(), .role = "tlsrptd_ingest"}, "n");
    const std::vector<ReceiptRecord> records = {
        MakeRecord({MakeReport("one", {Sts(1)})})};
    return writer.Write(records).has_value();
  });
  UntilOneWaits(*admin_);
  const TimePoint meanwhile = *admin_->Transact([](Transaction& tx) {
    return tx.Exec("SELECT clock_timestamp()")[0].Timestamp(0);
  });
  waiver.End();
  ASSERT_TRUE(written.get());
  const auto written_at =
      *test::OpenOrDie(database_.dsn())->Transact([](Transaction& tx) {
        return tx.Exec("SELECT written_at FROM tlsrptd.report")[0].Timestamp(0);
      });
  EXPECT_GT(written_at, meanwhile);
}

TEST_F(ExceptionsTest, AWaiverIsWithdrawnOnceAndKept) {
  const std::string id = Add(Past());
  EXPECT_EQ(*WithdrawWaiver(*admin_, "other.example", id, "me", kReceived),
            Withdrawal::kNotThere);
  EXPECT_EQ(*WithdrawWaiver(*admin_, kDomain, id, "me", kReceived + 1h),
            Withdrawal::kDone);
  EXPECT_EQ(*WithdrawWaiver(*admin_, kDomain, id, "you", kReceived + 2h),
            Withdrawal::kBefore);
  ASSERT_EQ(Waivers().size(), 1u);
  EXPECT_EQ(Waivers()[0].withdrawn_at, kReceived + 1h);
  EXPECT_EQ(Waivers()[0].withdrawn_by, "me");
  EXPECT_EQ(Waivers()[0].why, "because");
}

TEST_F(ExceptionsTest, ANodeWhoseClockIsBehindWithdrawsAllTheSame) {
  const std::string id = Add(Past());
  EXPECT_EQ(*WithdrawWaiver(*admin_, kDomain, id, "me", kReceived - 1h),
            Withdrawal::kDone);
  EXPECT_EQ(Waivers()[0].withdrawn_at, kReceived);
}

TEST_F(ExceptionsTest, TheNewestSettingOfANameIsInForce) {
  Set("min_sessions", "200", kReceived);
  Set("unsafe_min_sessions", "50", kReceived + 1h);
  Set("min_reporters", "3", kReceived, "min_reporters");
  EXPECT_EQ(Settings(),
            (std::vector<DomainSetting>{
                {"min_reporters", "min_reporters", "3", kReceived, "root"},
                {"min_sessions", "unsafe_min_sessions", "50", kReceived + 1h, "root"}}));
  EXPECT_EQ(Settings(kReceived)[1].value, "200") << "as it stood";
  EXPECT_THAT(Settings(kReceived - 1us), IsEmpty());
  Set("min_sessions", {}, kReceived + 2h);
  EXPECT_EQ(Settings()[1].value, std::nullopt) << "the default again";
}

TEST_F(ExceptionsTest, ANodeWhoseClockIsBehindSetsAllTheSame) {
  Set("min_sessions", "200", kReceived);
  Set("min_sessions", "300", kReceived - 1h);
  ASSERT_EQ(Settings().size(), 1u);
  EXPECT_EQ(Settings()[0].value, "300");
  EXPECT_EQ(Settings()[0].set_at, kReceived + 1us);
}

TEST_F(ExceptionsTest, LooksAreEvidenceUpToTheTimeAskedAbout) {
  const TimePoint noon = kDay + 12h;
  See(noon);
  See(noon + days{1});
  See(noon - days{30});
  const sys_days first = kDay - days{20};
  const sys_days last = kDay + days{5};
  const auto seen = [&](std::optional<TimePoint> as_of,
                        std::optional<TimePoint> known_at) {
    return Read({.domain = "",
                 .mx_hosts = {},
                 .first_day = first,
                 .last_day = last,
                 .as_of = as_of,
                 .known_at = known_at})
        .observations.size();
  };
  EXPECT_EQ(seen({}, {}), 2u) << "the oldest lies before the first day";
  EXPECT_EQ(seen(noon, {}), 1u);
  EXPECT_EQ(seen(noon - 1us, {}), 0u);
  EXPECT_EQ(seen(noon + days{2}, noon), 1u) << "not seen by then";
}

TEST_F(ExceptionsTest, ALookThatCannotBeReadIsNoEvidenceOfAbsence) {
  const auto failed = test::Failure(
      *ingest_,
      "INSERT INTO observation (policy_domain, observed_at, observed_on, complete, node,"
      " content_hash, document) VALUES ('firm.example', '2026-11-10 12:00+00',"
      " '2026-11-10', true, 'a', '00000000-0000-0000-0000-000000000001', '{\"mx\": 1}')");
  ASSERT_FALSE(failed) << failed->error.message;
  const auto evidence = ReadEvidence(
      *api_, {.domain = kDomain, .mx_hosts = {}, .first_day = kDay, .last_day = kDay});
  ASSERT_FALSE(evidence);
  EXPECT_EQ(evidence.error().error.kind, ErrorKind::kInternal);
}

TEST_F(ExceptionsTest, WhatWasWaivedAndMutedIsReadAsItWasKnown) {
  const std::string id = Add(Past());
  ASSERT_EQ(*WithdrawWaiver(*admin_, kDomain, id, "me", kReceived + 2h),
            Withdrawal::kDone);
  Mute mute;
  mute.reporter = "mail.ru";
  mute.who = "root";
  mute.why = "noise";
  mute.made_at = kReceived + 1h;
  mute.until = kDay + days{30};
  ASSERT_TRUE(AddMute(*ingest_, mute));
  const auto at = [&](TimePoint known_at) {
    return Read({.domain = "",
                 .mx_hosts = {},
                 .first_day = kDay,
                 .last_day = kDay,
                 .as_of = {},
                 .known_at = known_at});
  };
  EXPECT_THAT(at(kReceived - 1us).waivers, IsEmpty());
  ASSERT_EQ(at(kReceived).waivers.size(), 1u);
  EXPECT_FALSE(at(kReceived).waivers[0].withdrawn_at);
  EXPECT_EQ(at(kReceived).waivers[0].withdrawn_by, "");
  EXPECT_THAT(at(kReceived).mutes, IsEmpty());
  EXPECT_EQ(at(kReceived + 1h).mutes.size(), 1u);
  EXPECT_EQ(at(kReceived + 2h).waivers[0].withdrawn_by, "me");
}

TEST_F(ExceptionsTest, AWaiverThatReachesForwardBringsTheDaysItCounts) {
  Writer writer({.dsn = database_.dsn(), .role = "tlsrptd_ingest"}, "test");
  const auto written = writer.Write(
      std::vector{MakeRecord({MakeReport("old", {Sts(1)}, kDay)}),
                  MakeRecord({MakeReport("new", {Sts(1)}, kDay + days{9})})});
  ASSERT_TRUE(written) << written.error().message;
  const EvidenceQuestion question{.domain = kDomain,
                                  .mx_hosts = {},
                                  .first_day = kDay + days{9},
                                  .last_day = kDay + days{9}};
  EXPECT_EQ(Read(question).rows.size(), 1u);
  Add(Past(kDay + 6h));
  EXPECT_EQ(Read(question).rows.size(), 1u) << "it counts nothing";
  Waiver over = Future(kDay + 6h);
  over.until = question.first_day - days{1};
  Add(over);
  EXPECT_EQ(Read(question).rows.size(), 1u) << "it accepts nothing of these days";
  Add(Future(kDay + 6h));
  EXPECT_EQ(Read(question).rows.size(), 2u);
}

// By the database's clock, whatever that of the node says of when it came.
TEST_F(ExceptionsTest, WhatIsWrittenAfterAWaiverSaysSo) {
  Writer writer({.dsn = database_.dsn(), .role = "tlsrptd_ingest"}, "test");
  const auto write = [&](const char* id) {
    ASSERT_TRUE(writer.Write(std::vector{MakeRecord({MakeReport(id, {Sts(1)})})}));
  };
  const EvidenceQuestion question{
      .domain = kDomain, .mx_hosts = {}, .first_day = kDay, .last_day = kDay};
  write("before");
  EXPECT_FALSE(Read(question).rows.at(0).written_at) << "no waiver asks";
  const TimePoint made = SystemClock().Now() + days{1};  // the database's clock decides
  Add(Past(made));
  ASSERT_EQ(Waivers().size(), 1u);
  const TimePoint made_at = Waivers()[0].made_at;
  write("after");
  const Evidence evidence = Read(question);
  ASSERT_EQ(evidence.rows.size(), 2u);
  int later = 0;
  for (const EvidenceRow& row : evidence.rows) {
    if (row.written_at && *row.written_at > made_at) ++later;
    EXPECT_EQ(row.received_at, kReceived);
  }
  EXPECT_EQ(later, 1);
}

}  // namespace
}  // namespace tlsrpt::store
