#include "store/queries/summary.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <random>
#include <set>
#include <tuple>

#include "store/model/filing.h"
#include "store/queries/reporters.h"
#include "store/writer/retold.h"
#include "store/writer/writer.h"
#include "tests/support/migrated_database.h"
#include "tests/support/records.h"

namespace tlsrpt::store {
namespace {

using namespace std::chrono;  // NOLINT: literals and days

using test::Detail;
using test::kDay;
using test::MakeRecord;
using test::MakeReport;
using test::Sts;

class SummaryTest : public testing::Test {
 protected:
  void Write(const std::vector<ReceiptRecord>& records) {
    const auto written = writer_.Write(records);
    ASSERT_TRUE(written.has_value()) << written.error().message;
    ASSERT_TRUE(written->refused.empty()) << written->refused[0].message;
  }
  Summary Read(std::optional<bool> vouched = {}) {
    const auto summary = ReadSummary(*api_, Question(vouched));
    EXPECT_TRUE(summary.has_value()) << (summary ? "" : summary.error().error.message);
    return summary ? *summary : Summary{};
  }
  FailureLines Failures(std::int64_t limit = 100, std::optional<bool> vouched = {}) {
    const auto found = ReadFailures(*api_, Question(vouched), limit);
    EXPECT_TRUE(found.has_value()) << (found ? "" : found.error().error.message);
    return found ? *found : FailureLines{};
  }
  static SummaryQuestion Question(std::optional<bool> vouched) {
    return {.names = {"firm.example", "mx1.firm.example"},
            .first_day = kDay - days{5},
            .last_day = kDay + days{5},
            .vouched = vouched};
  }

  test::TestDatabase database_ = test::MakeMigratedDatabase();
  std::unique_ptr<Connection> api_ = test::OpenOrDie(database_.dsn(), "tlsrptd_api");
  Writer writer_{{.dsn = database_.dsn(), .role = "tlsrptd_ingest"}, "test"};
};

PolicyResult Of(PolicyType type, std::int64_t success, std::int64_t failure) {
  PolicyResult result = Sts(success, failure);
  result.policy_type = type;
  if (type != PolicyType::kSts) result.policy.reset();
  result.unexplained_sessions = failure;
  return result;
}

TEST_F(SummaryTest, MicrosoftsTwoPolicyTypesAreOneSetOfSessions) {
  Write({MakeRecord(
      {MakeReport("one", {Of(PolicyType::kSts, 90, 10), Of(PolicyType::kTlsa, 95, 5),
                          Of(PolicyType::kNoPolicyFound, 7, 0)})})});
  const Summary summary = Read();
  ASSERT_EQ(summary.days.size(), 1u);
  EXPECT_EQ(summary.days[0].vouched, (SessionSums{.reports = 1,
                                                  .success_sessions = 97,
                                                  .failure_sessions = 10,
                                                  .unexplained_sessions = 10}));
  EXPECT_EQ(summary.rows.size(), 3u) << "a row for each policy type, never added up";
}

TEST_F(SummaryTest, AnUnvouchedCopyOfAVouchedReportCountsNowhere) {
  PolicyResult failing = Sts(10, 2);
  failing.details = {Detail(ResultType::kCertificateExpired, 2)};
  const Report report = MakeReport("one", {failing});
  Write({MakeRecord({report}, Provenance::kNone),
         MakeRecord({MakeReport("two", {Sts(5)})}, Provenance::kNone)});
  ASSERT_EQ(Read().days.size(), 1u);
  EXPECT_EQ(Read().days[0].unvouched.success_sessions, 15);
  EXPECT_EQ(Failures().lines.size(), 1u);

  Write({MakeRecord({report})});
  const Summary summary = Read();
  ASSERT_EQ(summary.days.size(), 1u);
  EXPECT_EQ(summary.days[0].vouched.success_sessions, 10);
  EXPECT_EQ(summary.days[0].unvouched.success_sessions, 5);
  EXPECT_EQ(summary.days[0].unvouched.reports, 1);
  EXPECT_EQ(summary.rows.size(), 2u);
  ASSERT_EQ(Failures().lines.size(), 1u);
  EXPECT_TRUE(Failures().lines[0].vouched);
  EXPECT_TRUE(Failures(100, false).lines.empty());
}

TEST_F(SummaryTest, ACopyUnderAnotherSignerCountsNowhere) {
  PolicyResult failing = Sts(10, 2);
  failing.details = {Detail(ResultType::kCertificateExpired, 2)};
  PolicyResult forged = Sts(1000, 7);
  forged.details = {Detail(ResultType::kCertificateExpired, 7)};
  const auto signed_by = [](const PolicyResult& result, const char* reporter) {
    return MakeRecord({MakeReport("one", {result})}, Provenance::kDkim, reporter);
  };
  // The stranger's comes first, and is displaced by the reporter whose profile knows it.
  ReceiptRecord strangers = signed_by(forged, "stranger.example");
  strangers.reports[0].vouching.from_known = false;
  Write({strangers});
  EXPECT_EQ(Read().rows[0].reporter, "stranger.example");
  Write({signed_by(failing, "google.com"),
         MakeRecord({MakeReport("one", {forged})}, Provenance::kOperator, "archive")});

  const Summary summary = Read();
  ASSERT_EQ(summary.rows.size(), 1u);
  EXPECT_EQ(summary.rows[0].reporter, "google.com");
  EXPECT_EQ(summary.rows[0].sums, summary.days[0].vouched) << "rows and days agree";
  EXPECT_EQ(summary.rows[0].sums.success_sessions, 10);
  const FailureLines failures = Failures();
  ASSERT_EQ(failures.lines.size(), 1u);
  EXPECT_EQ(failures.lines[0].reporter, "google.com");
  EXPECT_EQ(failures.lines[0].failed_sessions, 2);
}

TEST_F(SummaryTest, WhatIsAskedForAlone) {
  Write({MakeRecord({MakeReport("one", {Sts(10)})}),
         MakeRecord({MakeReport("two", {Sts(5)})}, Provenance::kNone)});
  const Summary vouched = Read(true);
  ASSERT_EQ(vouched.days.size(), 1u);
  EXPECT_EQ(vouched.days[0].unvouched, SessionSums{});
  ASSERT_EQ(vouched.rows.size(), 1u);
  EXPECT_TRUE(vouched.rows[0].vouched);
  const Summary unvouched = Read(false);
  ASSERT_EQ(unvouched.days.size(), 1u);
  EXPECT_EQ(unvouched.days[0].vouched, SessionSums{});
  EXPECT_EQ(unvouched.days[0].unvouched.success_sessions, 5);
  ASSERT_EQ(unvouched.rows.size(), 1u);
  EXPECT_EQ(unvouched.rows[0].reporter, "");
}

TEST_F(SummaryTest, AnMxHostStandsBesideTheDomain) {
  PolicyResult tlsa = Of(PolicyType::kTlsa, 30, 0);
  tlsa.policy_domain = "mx1.firm.example";
  Write({MakeRecord({MakeReport("one", {Sts(10), tlsa})})});
  const Summary summary = Read();
  ASSERT_EQ(summary.days.size(), 2u);
  EXPECT_EQ(summary.days[0].filed_under, "firm.example");
  EXPECT_EQ(summary.days[0].vouched.success_sessions, 10);
  EXPECT_EQ(summary.days[1].filed_under, "mx1.firm.example");
  EXPECT_EQ(summary.days[1].vouched.success_sessions, 30);
}

TEST_F(SummaryTest, FailuresAreGroupedTheLargestFirst) {
  PolicyResult failing = Sts(0, 10);
  failing.unexplained_sessions = 1;
  FailureDetail elsewhere = Detail(ResultType::kCertificateExpired, 5);
  elsewhere.receiving_mx = "mx2.firm.example";
  FailureDetail other = Detail(ResultType::kOther, 1);
  other.result_type_text = "something-new";
  failing.details = {Detail(ResultType::kCertificateExpired, 2), elsewhere,
                     Detail(ResultType::kCertificateExpired, 1), other};
  Write({MakeRecord(
      {MakeReport("one", {failing}), MakeReport("two", {failing}, kDay + days{1})})});
  const FailureLines found = Failures();
  ASSERT_EQ(found.lines.size(), 4u);
  EXPECT_EQ(found.groups, 4);
  EXPECT_EQ(found.lines[0].receiving_mx, "mx2.firm.example");
  EXPECT_EQ(found.lines[0].failed_sessions, 10);
  EXPECT_EQ(found.lines[0].reports, 2);
  EXPECT_EQ(found.lines[0].first_day, kDay);
  EXPECT_EQ(found.lines[0].last_day, kDay + days{1});
  EXPECT_EQ(found.lines[1].failed_sessions, 6);
  std::int64_t unexplained = 0;
  for (const FailureLine& line : found.lines) {
    if (line.result_type == ResultType::kUnexplained) unexplained += line.failed_sessions;
    EXPECT_EQ(line.result_type_text,
              line.result_type == ResultType::kOther ? "something-new" : "");
  }
  EXPECT_EQ(unexplained, 2);

  const FailureLines cut = Failures(1);
  ASSERT_EQ(cut.lines.size(), 1u);
  EXPECT_EQ(cut.groups, 4) << "what is left out is counted";
}

// Reports at random, counted again in C++ from what was written.
// A thousand hostile reports with ten thousand failures of 10^12 sessions each, or ten
// thousand with a thousand results: here in two, which no CHECK of ours would let in.
TEST_F(SummaryTest, MoreThanABigintIsAnsweredAllTheSame) {
  for (const Provenance provenance : {Provenance::kNone, Provenance::kOperator}) {
    for (const char* id : {"one", "two"}) {
      PolicyResult failing = Sts(10, 2);
      failing.details = {Detail(ResultType::kCertificateExpired, 2)};
      Write({MakeRecord({MakeReport(id + std::string(NameOf(provenance)), {failing})},
                        provenance)});
    }
  }
  const auto admin = test::OpenOrDie(database_.dsn());
  for (const char* sql :
       {"ALTER DOMAIN tlsrptd.session_count DROP CONSTRAINT session_count_range",
        "ALTER TABLE tlsrptd.policy_result DROP CONSTRAINT policy_result_counts",
        "UPDATE tlsrptd.report_failure SET details[1].failed_sessions = "
        "9000000000000000000",
        "UPDATE tlsrptd.policy_result SET success_sessions = 4000000000000000000,"
        " failure_sessions = 5000000000000000000"}) {
    const auto failed = test::Failure(*admin, sql);
    ASSERT_FALSE(failed.has_value()) << sql << ": " << failed->error.message;
  }
  ASSERT_EQ(Failures().lines.size(), 2u);
  constexpr std::int64_t kMostShown = 1'000'000'000'000'000;
  EXPECT_EQ(Failures().lines[0].failed_sessions, kMostShown);
  const Summary summary = Read();
  ASSERT_EQ(summary.rows.size(), 2u);
  EXPECT_EQ(summary.rows[0].sums.success_sessions, kMostShown);
  ASSERT_EQ(summary.days.size(), 1u);
  EXPECT_EQ(summary.days[0].unvouched.success_sessions, kMostShown);
  const auto activity = ReadReporterActivity(*api_, kDay, "");
  ASSERT_TRUE(activity.has_value()) << activity.error().error.message;
  EXPECT_EQ(activity->at(0).sessions, kMostShown);
  for (const char* column : {"failed_sessions) FROM tlsrptd.grafana_failure",
                             "success_sessions) FROM tlsrptd.grafana_result"}) {
    EXPECT_EQ(test::Cell(*admin, std::string("SELECT max(") + column),
              std::to_string(kMostShown));
  }
}

TEST_F(SummaryTest, AgreesWithARecount) {
  std::mt19937 random(20261126);
  const auto upto = [&](int n) {
    return std::uniform_int_distribution<int>(0, n - 1)(random);
  };
  constexpr PolicyType kTypes[] = {PolicyType::kOther, PolicyType::kSts,
                                   PolicyType::kTlsa, PolicyType::kNoPolicyFound};
  std::vector<ReceiptRecord> records;
  for (int i = 0; i < 120; ++i) {
    std::vector<PolicyResult> results;
    for (int k = upto(4); k >= 0; --k) {
      results.push_back(Of(kTypes[upto(4)], upto(50), upto(5)));
    }
    // Some ids come again, vouched for or not: copies.
    const Report report =
        MakeReport("r" + std::to_string(upto(60)), results, kDay + days{upto(4)});
    records.push_back(
        MakeRecord({report}, upto(2) == 0 ? Provenance::kNone : Provenance::kOperator));
  }
  Write(records);

  // The first of each key is the one that was stored, and of the others what they tell of
  // other failures.
  using Key = std::tuple<Uuid, bool>;
  std::map<Key, const FiledReport*> stored;
  std::deque<FiledReport> retold;
  for (const ReceiptRecord& record : records) {
    for (const FiledReport& report : record.reports) {
      const bool vouched = IsVouched(report.provenance);
      const auto [first, added] =
          stored.try_emplace({report.report_key, vouched}, &report);
      if (added || !MayTellOthers(report) || !TellsOthers(report, *first->second))
        continue;
      retold.push_back(Retold(report));
      stored.try_emplace({retold.back().report_key, vouched}, &retold.back());
    }
  }
  EXPECT_GT(retold.size(), 3u) << "the case is in it";
  std::map<std::pair<sys_days, bool>, SessionSums> want_days;
  std::map<std::tuple<sys_days, bool, PolicyType>, SessionSums> want_rows;
  const auto add = [](SessionSums& sums, const SessionCounts& counts) {
    ++sums.reports;
    sums.success_sessions += counts.success;
    sums.failure_sessions += counts.failure;
    sums.unexplained_sessions += counts.unexplained;
  };
  int left_out = 0;
  for (const auto& [key, report] : stored) {
    const bool vouched = std::get<1>(key);
    if (!vouched && stored.contains({std::get<0>(key), true})) {
      ++left_out;
      continue;
    }
    add(want_days[{report->day, vouched}], DistinctSessions(report->results));
    std::set<PolicyType> types;
    for (const PolicyResult& result : report->results) types.insert(result.policy_type);
    for (const PolicyType type : types) {
      add(want_rows[{report->day, vouched, type}], CountOf(report->results, type));
    }
  }
  ASSERT_GT(left_out, 3) << "the case is in it";

  const Summary summary = Read();
  std::map<std::pair<sys_days, bool>, SessionSums> got_days;
  for (const DaySummary& day : summary.days) {
    if (day.vouched.reports > 0) got_days[{day.day, true}] = day.vouched;
    if (day.unvouched.reports > 0) got_days[{day.day, false}] = day.unvouched;
  }
  EXPECT_EQ(got_days.size(), want_days.size());
  for (const auto& [key, want] : want_days) {
    EXPECT_EQ(got_days[key], want) << (key.second ? "vouched" : "unvouched");
  }
  std::map<std::tuple<sys_days, bool, PolicyType>, SessionSums> got_rows;
  for (const ReporterDay& row : summary.rows) {
    got_rows[{row.day, row.vouched, row.policy_type}] = row.sums;
  }
  EXPECT_EQ(got_rows.size(), want_rows.size());
  for (const auto& [key, want] : want_rows) EXPECT_EQ(got_rows[key], want);
}

}  // namespace
}  // namespace tlsrpt::store
