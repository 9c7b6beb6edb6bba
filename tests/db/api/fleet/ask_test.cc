// One domain asked about: what the question says reaches the evidence and the rules.

#include "api/fleet/ask.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/readiness/verdict.h"
#include "store/admin/domain_list.h"
#include "store/writer/reporter_list.h"
#include "store/writer/writer.h"
#include "tests/support/migrated_database.h"
#include "tests/support/records.h"

namespace tlsrpt::api {
namespace {

using namespace std::chrono;  // NOLINT: literals

using test::MakeRecord;
using test::MakeReport;
using test::Sts;

// The window of that day ends two days before it.
constexpr sys_days kToday{2026y / November / 20};

class AskTest : public testing::Test {
 protected:
  AskTest() {
    EXPECT_TRUE(
        store::AddDomains(*ingest_, {"firm.example"}, "command", kToday - days{90}));
  }

  // A report for each day from `first` to `last` days ago, come on the morning after it.
  void Write(const std::string& reporter, int first, int last, std::int64_t sessions) {
    std::vector<store::ReceiptRecord> records;
    for (int ago = first; ago >= last; --ago) {
      records.push_back(Record(reporter, ago, sessions, kToday - days{ago - 1} + 6h));
    }
    WriteAll(records);
  }
  store::ReceiptRecord Record(const std::string& reporter, int ago, std::int64_t sessions,
                              TimePoint received_at) {
    store::ReceiptRecord record = MakeRecord(
        {MakeReport(reporter + std::to_string(ago), {Sts(sessions)}, kToday - days{ago})},
        store::Provenance::kOperator, reporter);
    record.receipt.received_at = received_at;
    record.receipt.receipt_id = MakeUuidV7(received_at);
    return record;
  }
  void WriteAll(const std::vector<store::ReceiptRecord>& records) {
    const auto written = writer_.Write(records);
    ASSERT_TRUE(written.has_value()) << written.error().message;
    ASSERT_TRUE(written->refused.empty()) << written->refused[0].message;
  }
  Verdict Ask(TimePoint asked_at, std::optional<TimePoint> known_at,
              int min_window_days = 0, std::optional<OwnSpool> own_spool = {}) {
    ReadinessSettings rules;
    rules.live = false;
    const auto verdict = AskReadiness(*api_,
                                      {.domain = "firm.example",
                                       .mx_hosts = {"mx1.firm.example"},
                                       .as_of = kToday + 9h,
                                       .asked_at = asked_at,
                                       .known_at = known_at,
                                       .min_window_days = min_window_days,
                                       .own_spool = std::move(own_spool)},
                                      rules);
    if (!verdict) throw std::runtime_error(verdict.error().error.message);
    return *verdict;
  }

  test::TestDatabase database_ = test::MakeMigratedDatabase();
  std::unique_ptr<store::Connection> ingest_ =
      test::OpenOrDie(database_.dsn(), "tlsrptd_ingest");
  std::unique_ptr<store::Connection> api_ =
      test::OpenOrDie(database_.dsn(), "tlsrptd_api");
  store::Writer writer_{{.dsn = database_.dsn(), .role = "tlsrptd_ingest"}, "test"};
};

// The row that came late is not there, and was still awaited.
TEST_F(AskTest, WhatWasKnownThenIsAnsweredAsThen) {
  const TimePoint then = kToday + 9h;
  const TimePoint now = then + days{5};
  Write("google.com", 15, 2, 50);
  Write("microsoft.com", 15, 3, 50);
  WriteAll({Record("microsoft.com", 2, 50, then + 12h)});
  const Verdict known = Ask(now, then);
  EXPECT_EQ(NameOf(known.kind), "insufficient_evidence") << known.sentence;
  EXPECT_EQ(Find(known, "usual_reporters_in")->status, Status::kUnknown);
  EXPECT_EQ(NameOf(Ask(now, then + days{1}).kind), "ready") << "it had come by then";
  EXPECT_EQ(NameOf(Ask(now, {}).kind), "ready");
}

// An import vouches for what counts from the day on which its reporter was added.
TEST_F(AskTest, WhoWasCountedThenCounts) {
  const TimePoint now = kToday + 9h;
  Write("google.com", 15, 2, 50);
  Write("partner.example", 15, 2, 50);
  store::ReporterProfile partner;
  partner.reporter = "partner.example";
  ASSERT_TRUE(store::AddReporter(*ingest_, partner, now - 1h));
  EXPECT_EQ(NameOf(Ask(now, {}).kind), "ready");
  EXPECT_EQ(NameOf(Ask(now, now - 1h).kind), "ready");
  const Verdict before = Ask(now, now - 2h);
  EXPECT_EQ(NameOf(before.kind), "insufficient_evidence") << before.sentence;
  EXPECT_EQ(Find(before, "reporters_seen")->status, Status::kUnknown);
}

// 84 sessions in 14 days, 168 in 28.
TEST_F(AskTest, ALongerWindowHoldsForTheUsualOneToo) {
  Write("google.com", 40, 2, 3);
  Write("microsoft.com", 40, 2, 3);
  const TimePoint now = kToday + 9h;
  const Verdict longer = Ask(now, {}, 28);
  EXPECT_EQ(NameOf(longer.kind), "insufficient_evidence") << longer.sentence;
  EXPECT_EQ(Find(longer, "sessions_seen")->numbers.front().second, 84);
  EXPECT_THAT(longer.sentence, testing::HasSubstr("Judged by the usual window"));
}

// A process that was killed told of an empty spool with its last heartbeat.
TEST_F(AskTest, WhatStandsInTheOwnSpoolGoesBeforeWhatAHeartbeatSaid) {
  const TimePoint now = kToday + 9h;
  Write("google.com", 15, 2, 50);
  Write("microsoft.com", 15, 2, 50);
  const Uuid spool_id = MakeUuidV7(now);
  const auto ask = [&](const OwnSpool& own) { return NameOf(Ask(now, {}, 0, own).kind); };
  const auto own = [&](Uuid id, std::int64_t depth, std::chrono::seconds age) {
    return OwnSpool{.spool_id = id,
                    .node = "here",
                    .read_at = now,
                    .depth = depth,
                    .oldest_at = depth > 0 ? std::optional(now - age) : std::nullopt};
  };
  EXPECT_EQ(ask(own(spool_id, 0, 0s)), "ready") << "no heartbeat yet, and nothing waits";
  EXPECT_EQ(ask(own(spool_id, 1, 11s)), "insufficient_evidence") << "no heartbeat yet";

  const auto beats = [&](std::int64_t depth) {
    const auto done = writer_.WriteHeartbeat(
        {.spool_id = spool_id,
         .now = now - 5s,
         .started_at = now - 1h,
         .version = "1",
         .spool_depth = depth,
         .spool_oldest_at = depth > 0 ? std::optional(now - 1min) : std::nullopt});
    ASSERT_TRUE(done) << done.error().message;
  };
  beats(0);
  EXPECT_EQ(ask(own(spool_id, 1, 11s)), "insufficient_evidence");
  EXPECT_EQ(ask(own(spool_id, 1, 3s)), "ready") << "as if it came after the answer";
  EXPECT_EQ(ask(own(MakeUuidV7(now + 1s), 1, 11s)), "insufficient_evidence")
      << "another spool than that of the heartbeat";
  beats(3);
  EXPECT_EQ(ask(own(spool_id, 0, 0s)), "ready") << "stored since";
  EXPECT_EQ(ask(own(MakeUuidV7(now + 1s), 0, 0s)), "insufficient_evidence")
      << "those of another node still wait";
}

}  // namespace
}  // namespace tlsrpt::api
