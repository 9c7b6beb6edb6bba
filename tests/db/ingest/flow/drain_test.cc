#include "ingest/flow/drain.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <atomic>
#include <future>
#include <string>

#include "ingest/flow/store_batch.h"
#include "tests/support/migrated_database.h"
#include "tests/support/records.h"

namespace tlsrpt::ingest {
namespace {

using namespace std::chrono;  // NOLINT: literals

using test::Cell;

constexpr seconds kBound{60};  // for an event; nothing is measured with it

class FixedClock final : public Clock {
 public:
  TimePoint Now() const override { return test::kReceived; }
};

class FlowTest : public testing::Test {
 protected:
  FlowTest()
      : database_(test::MakeMigratedDatabase()),
        admin_(test::OpenOrDie(database_.dsn())) {
    views_.Set({.own = store::OwnDomains({"firm.example"}, {}),
                .counted_reporters = {},
                .wildcard_names = 0});
  }

  std::unique_ptr<store::Writer> MakeWriter() {
    return std::make_unique<store::Writer>(
        store::ConnectOptions{.dsn = database_.dsn(), .role = "tlsrptd_ingest"}, "test");
  }
  std::string Path() const { return (folder_.path() / "spool.sqlite").string(); }
  std::unique_ptr<Spool> OpenSpool() {
    auto spool = Spool::Open({.path = Path(), .min_free_disk_bytes = 0}, clock_);
    if (!spool) throw std::runtime_error(spool.error().message);
    return std::move(*spool);
  }

  // Puts a mail with one report and waits until it is durable.
  static void Put(Spool& spool, const std::string& body,
                  TimePoint received_at = test::kReceived) {
    SpoolEntry entry;
    entry.received_at = received_at;
    entry.receipt_id = MakeUuidV7(received_at);
    entry.transport = "smtp";
    entry.envelope_to = {"tlsrpt@firm.example"};
    entry.body = body;
    std::promise<bool> durable;
    spool.Put(std::move(entry),
              [&](Result<void> done) { durable.set_value(bool(done)); });
    ASSERT_TRUE(durable.get_future().get());
  }
  static std::string Json(int number) {
    return R"({"organization-name":"x","date-range":{"start-datetime":)"
           R"("2026-11-10T00:00:00Z","end-datetime":"2026-11-10T23:59:59Z"},)"
           R"("contact-info":"a@x.example","report-id":")" +
           std::to_string(number) +
           R"(","policies":[{"policy":{"policy-type":"sts","policy-domain":)"
           R"("firm.example"},"summary":{"total-successful-session-count":1,)"
           R"("total-failure-session-count":0}}]})";
  }

  DrainParts Parts(Spool& spool, const Voucher& voucher, const Clock& clock) {
    return {.spool = spool,
            .views = views_,
            .voucher = voucher,
            .clock = clock,
            .log = log_,
            .make_writer = [this] { return MakeWriter(); }};
  }

  // Until one entry is left and waits, and all others are done.
  void DrainAllButOne(Spool& spool, DrainOptions options, const Voucher& voucher) {
    Drain drain(std::move(options), Parts(spool, voucher, clock_));
    const auto end = steady_clock::now() + kBound;
    // The spool notes later, and one after the other, what it is told.
    const auto settled = [&] {
      const SpoolStats stats = spool.Stats();
      return stats.depth == 1 && stats.waiting == 1;
    };
    while (!settled() && steady_clock::now() < end) std::this_thread::yield();
    drain.Stop();
    EXPECT_EQ(spool.Stats().depth, 1);
    EXPECT_EQ(spool.Stats().waiting, 1);
  }

  void DrainAll(Spool& spool) {
    Drain drain({.workers = 2,
                 .batch_receipts = 10,
                 .batch_memory_bytes = batch_memory_bytes_,
                 .retention = retention_,
                 .node = "test"},
                Parts(spool, voucher_, clock_));
    const auto end = steady_clock::now() + kBound;
    while (spool.Stats().depth > 0 && steady_clock::now() < end) {
      std::this_thread::yield();
    }
    drain.Stop();
    ASSERT_EQ(spool.Stats().depth, 0);
  }

  test::TestDatabase database_;
  std::unique_ptr<store::Connection> admin_;
  test::TempDir folder_;
  const FixedClock clock_;
  std::chrono::months retention_{25};
  std::size_t batch_memory_bytes_ = DrainOptions{}.batch_memory_bytes;
  DomainViews views_;
  const NobodyVouches voucher_;
  Logger log_{LogLevel::kError, LogFormat::kText};
};

TEST_F(FlowTest, TheSpoolIsEmptiedIntoTheDatabase) {
  auto spool = OpenSpool();
  for (int i = 0; i < 50; ++i) Put(*spool, Json(i));
  DrainAll(*spool);
  EXPECT_EQ(Cell(*admin_, "SELECT count(*) FROM tlsrptd.report"), "50");
  EXPECT_EQ(Cell(*admin_, "SELECT count(*) FROM tlsrptd.receipt WHERE outcome = 1"),
            "50");
}

// Five hundred mails of 75 KB may hold 10 GB of reports: what is taken together is not
// held in memory together.
TEST_F(FlowTest, ABatchOfBulkyReportsIsWrittenInParts) {
  auto spool = OpenSpool();
  for (int i = 0; i < 8; ++i) Put(*spool, Json(i));
  batch_memory_bytes_ = 1;
  DrainAll(*spool);
  EXPECT_EQ(Cell(*admin_, "SELECT count(DISTINCT xmin::text) FROM tlsrptd.receipt"), "8");
  EXPECT_EQ(Cell(*admin_, "SELECT count(*) FROM tlsrptd.report"), "8");
}

// Counts what is looked into.
class Counts final : public Voucher {
 public:
  Vouched Vouch(const SpoolEntry&, const ReportPart&,
                const store::Report*) const override {
    ++looked_into;
    return {};
  }
  mutable std::atomic<int> looked_into = 0;
};

TEST_F(FlowTest, WhatComesAfterAPartThatFailsIsGivenBack) {
  auto spool = OpenSpool();
  for (int i = 0; i < 8; ++i) Put(*spool, Json(i));
  batch_memory_bytes_ = 1;
  {
    const Counts voucher;
    Drain away({.workers = 1,
                .batch_receipts = 10,
                .batch_memory_bytes = batch_memory_bytes_,
                .node = "test"},
               {.spool = *spool,
                .views = views_,
                .voucher = voucher,
                .clock = clock_,
                .log = log_,
                .make_writer = [] {
                  return std::make_unique<store::Writer>(
                      store::ConnectOptions{.dsn = "host=/nowhere", .role = ""}, "test");
                }});
    // The second time, what it took at first has been given back.
    const auto end = steady_clock::now() + kBound;
    while (voucher.looked_into < 2 && steady_clock::now() < end) {
      std::this_thread::yield();
    }
    away.Stop();
  }
  DrainAll(*spool);
  EXPECT_EQ(Cell(*admin_, "SELECT count(*) FROM tlsrptd.report"), "8");
}

// A bug of ours that leaves the worker with an entry in hand: once, and where even its
// own handler trips.
class FailsOnce final : public Voucher, public Clock {
 public:
  std::unique_ptr<const Voucher> ForEntry(const SpoolEntry&) const override {
    if (++looks == 1) {
      armed_ = true;
      throw std::runtime_error("a bug");
    }
    return nullptr;
  }
  Vouched Vouch(const SpoolEntry&, const ReportPart&,
                const store::Report*) const override {
    return {};
  }
  TimePoint Now() const override {
    if (armed_.exchange(false)) throw std::runtime_error("and another");
    return test::kReceived - 5min;  // the spool's clock shows when it is given back till
  }
  mutable std::atomic<int> looks = 0;

 private:
  mutable std::atomic<bool> armed_ = false;
};

TEST_F(FlowTest, WhatIsInHandWhenAWorkerTripsIsGivenBack) {
  auto spool = OpenSpool();
  for (int i = 0; i < 3; ++i) Put(*spool, Json(i));
  const FailsOnce fails;
  Drain drain({.workers = 1, .batch_receipts = 10, .node = "test"},
              Parts(*spool, fails, fails));
  const auto end = steady_clock::now() + kBound;
  while (spool->Stats().depth > 0 && steady_clock::now() < end) {
    std::this_thread::yield();
  }
  drain.Stop();
  EXPECT_EQ(spool->Stats().depth, 0);
  EXPECT_GT(fails.looks, 1);
  EXPECT_EQ(Cell(*admin_, "SELECT count(*) FROM tlsrptd.report"), "3");
}

// Nothing of a stranger's is left in a held receipt that could be refused, so it is a bug
// of ours; the others are written once and done.
TEST_F(FlowTest, OneThatCannotEvenBeHeldWaitsAlone) {
  auto spool = OpenSpool();
  const auto owner = test::OpenOrDie(database_.dsn(), "tlsrptd_owner");
  ASSERT_FALSE(test::Failure(*owner,
                             "ALTER TABLE tlsrptd.receipt ADD CHECK (received_at <> "
                             "'2026-11-12 13:14:15+00')"));
  Put(*spool, Json(1), sys_days{2026y / November / 12} + 13h + 14min + 15s);
  for (int i = 2; i < 5; ++i) Put(*spool, Json(i));
  DrainAllButOne(*spool, {.workers = 1, .batch_receipts = 10, .node = "test"}, voucher_);
  EXPECT_EQ(spool->Stats().done, 3);
  EXPECT_EQ(Cell(*admin_, "SELECT string_agg(report_id, ',' ORDER BY 1) FROM report"),
            "2,3,4");
}

TEST_F(FlowTest, AnEntryThatKilledFourProcessesIsHeldUnread) {
  {
    auto spool = OpenSpool();
    Put(*spool, Json(1));
    Put(*spool, Json(2));
  }
  sqlite3* file = nullptr;
  ASSERT_EQ(sqlite3_open(Path().c_str(), &file), SQLITE_OK);
  const std::string died = "INSERT INTO queue VALUES (1, 1, 1, " +
                           std::to_string(kMaxCrashes) +
                           ", 0, 1); UPDATE taken SET taken_to = 1";
  EXPECT_EQ(sqlite3_exec(file, died.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(file);
  auto spool = OpenSpool();
  DrainAll(*spool);
  EXPECT_EQ(Cell(*admin_, "SELECT string_agg(report_id, ',') FROM tlsrptd.report"), "2");
  EXPECT_EQ(Cell(*admin_,
                 "SELECT reason || ' ' || quarantined_count FROM tlsrptd.receipt"
                 " WHERE outcome = 3"),
            "crash 1");
}

TEST_F(FlowTest, WhatPostgresRefusesIsHeldWithItsReason) {
  const auto writer = MakeWriter();
  std::vector<store::ReceiptRecord> records = {
      test::MakeRecord({test::MakeReport("good", {test::Sts(1)})}),
      test::MakeRecord({test::MakeReport("bad", {test::Sts(1)})})};
  records[1].reports[0].report_id = "bad \xFF";
  const auto stored = StoreBatch(*writer, records);
  ASSERT_TRUE(stored.has_value()) << stored.error().message;
  EXPECT_EQ(stored->counts.reports_stored, 1);
  EXPECT_EQ(stored->counts.reports_quarantined, 1);
  ASSERT_EQ(stored->quarantined.size(), 1u);
  EXPECT_EQ(stored->quarantined[0]->receipt_id, records[1].receipt.receipt_id);
  EXPECT_EQ(Cell(*admin_,
                 "SELECT reason || ' ' || array_to_string(quarantined_domains, ',')"
                 " FROM tlsrptd.receipt WHERE outcome = 3"),
            "store firm.example");
  EXPECT_EQ(Cell(*admin_, "SELECT count(*) FROM tlsrptd.receipt_raw"), "2");
}

// It waited for DNS, or for the database, while the month it is about was dropped: there
// is no place for its report any more, and never will be.
TEST_F(FlowTest, AReportWhoseMonthWentWhileItWaitedIsHeld) {
  auto spool = OpenSpool();
  // The last of May is two months back from the last of July; clock_ is in November.
  const TimePoint received_at = sys_days{2026y / July / 31} + 12h;
  std::string old = Json(1);
  for (std::size_t at; (at = old.find("2026-11-10")) != std::string::npos;) {
    old.replace(at, 10, "2026-05-31");
  }
  Put(*spool, old, received_at);
  Put(*spool, Json(2));
  retention_ = months{2};
  DrainAll(*spool);
  EXPECT_EQ(Cell(*admin_, "SELECT string_agg(report_id, ',') FROM tlsrptd.report"), "2");
  EXPECT_EQ(Cell(*admin_,
                 "SELECT reason || ' ' || report_count || ' ' || quarantined_count"
                 " FROM tlsrptd.receipt WHERE outcome = 3"),
            "file 1 1");
}

// A node was off for longer than bytes are kept: its reports are not.
TEST_F(FlowTest, WhatWaitedForLongerThanBytesAreKeptIsStoredWithoutThem) {
  auto spool = OpenSpool();
  const auto owner = test::OpenOrDie(database_.dsn(), "tlsrptd_owner");
  ASSERT_FALSE(test::Failure(*owner, "DROP TABLE tlsrptd.receipt_raw_p202611"));
  Put(*spool, Json(1), test::kReceived);
  DrainAll(*spool);
  EXPECT_EQ(spool->Stats().depth, 0);
  EXPECT_EQ(Cell(*admin_,
                 "SELECT concat_ws(' ', (SELECT count(*) FROM tlsrptd.report),"
                 " (SELECT count(*) FROM tlsrptd.receipt),"
                 " (SELECT count(*) FROM tlsrptd.receipt_raw))"),
            "1 1 0");
}

// DNS never answers: what came three days ago is nobody's, what came just now waits, and
// neither holds up the third.
class Awaits final : public Voucher {
 public:
  explicit Awaits(std::string domain = "") : domain_(std::move(domain)) {}
  std::unique_ptr<const Voucher> ForEntry(const SpoolEntry& entry) const override {
    const auto holds = [&](const char* word) {
      return entry.body.find(word) != std::string::npos;
    };
    return std::make_unique<Awaits>(holds("google")   ? "google.com"
                                    : holds("signed") ? "sender.example"
                                                      : "");
  }
  std::string AwaitedDomain() const override { return domain_; }
  Vouched Vouch(const SpoolEntry&, const ReportPart&,
                const store::Report*) const override {
    return {store::Provenance::kNone, "", domain_.empty() ? "unsigned" : "no key yet"};
  }

 private:
  const std::string domain_;
};

TEST_F(FlowTest, WhoWaitsForDnsIsGivenUpAfterThreeDays) {
  auto spool = OpenSpool();
  const auto json = [](int number, const std::string& contact) {
    std::string text = Json(number);
    return text.replace(text.find("a@x.example"), 11, contact);
  };
  Put(*spool, json(1, "signed@x.example"), test::kReceived - kMaxDnsWait);
  Put(*spool, json(2, "signed@x.example"), test::kReceived - kMaxDnsWait + 1s);
  Put(*spool, json(3, "plain@x.example"));
  Put(*spool, json(4, "google@x.example"), test::kReceived - kMaxDnsWait);
  const Awaits voucher;
  DrainAllButOne(*spool, {.node = "test", .dns_wait = {.max_bytes = 1 << 20}}, voucher);
  EXPECT_EQ(Cell(*admin_,
                 "SELECT string_agg(report_id || ': ' || why_unvouched, ', ' ORDER BY "
                 "report_id) FROM report"),
            "1: no key yet, 3: unsigned");
  // A counted reporter's may hold refusals, and nobody can know.
  EXPECT_EQ(Cell(*admin_,
                 "SELECT string_agg(concat_ws(' ', reason, quarantined_count, provenance,"
                 " quarantined_domains), ', ') FROM receipt WHERE reason <> ''"),
            "key 1 0 {firm.example}");
}

}  // namespace
}  // namespace tlsrpt::ingest
