#include "store/queries/evidence.h"

#include <gtest/gtest.h>

#include "store/admin/domain_list.h"
#include "store/model/evidence_filter.h"
#include "store/queries/domains.h"
#include "store/queries/status.h"
#include "store/writer/writer.h"
#include "tests/support/migrated_database.h"
#include "tests/support/records.h"

namespace tlsrpt::store {
namespace {

using namespace std::chrono;  // NOLINT: literals and days

using test::Detail;
using test::kDay;
using test::kReceived;
using test::MakeRecord;
using test::MakeReport;
using test::Sts;

class QueriesTest : public testing::Test {
 protected:
  QueriesTest()
      : database_(test::MakeMigratedDatabase()),
        api_(test::OpenOrDie(database_.dsn(), "tlsrptd_api")),
        ingest_(test::OpenOrDie(database_.dsn(), "tlsrptd_ingest")),
        writer_({.dsn = database_.dsn(), .role = "tlsrptd_ingest"}, "test") {}

  void Write(const std::vector<ReceiptRecord>& records) {
    const auto written = writer_.Write(records);
    ASSERT_TRUE(written.has_value()) << written.error().message;
    ASSERT_TRUE(written->refused.empty()) << written->refused[0].message;
  }
  Evidence Read(sys_days first = kDay - days{20}, sys_days last = kDay + days{5}) {
    auto evidence = ReadEvidence(*api_, {.domain = "firm.example",
                                         .mx_hosts = {"mx1.firm.example"},
                                         .first_day = first,
                                         .last_day = last});
    EXPECT_TRUE(evidence.has_value()) << (evidence ? "" : evidence.error().error.message);
    return evidence ? *evidence : Evidence{};
  }

  test::TestDatabase database_;
  std::unique_ptr<Connection> api_;
  std::unique_ptr<Connection> ingest_;
  Writer writer_;
};

TEST_F(QueriesTest, WhatWasWrittenIsRead) {
  PolicyResult failing = Sts(10, 6);
  failing.unexplained_sessions = 1;
  failing.details = {Detail(ResultType::kCertificateExpired, 2),
                     Detail(ResultType::kCertificateExpired, 1),
                     Detail(ResultType::kStsPolicyFetchError, 2)};
  Write({MakeRecord({MakeReport("one", {failing})})});

  const Evidence evidence = Read();
  ASSERT_EQ(evidence.rows.size(), 1u);
  const EvidenceRow& row = evidence.rows[0];
  EXPECT_EQ(row.filed_under, "firm.example");
  EXPECT_EQ(row.day, kDay);
  EXPECT_EQ(row.first_day, kDay);
  EXPECT_EQ(row.last_day, kDay);
  EXPECT_EQ(row.reporter, "google.com");
  EXPECT_TRUE(row.vouched);
  EXPECT_EQ(row.received_at, kReceived);
  EXPECT_EQ(row.policy_type, PolicyType::kSts);
  EXPECT_EQ(row.success_sessions, 10);
  EXPECT_EQ(row.failure_sessions, 6);
  EXPECT_EQ(row.unexplained_sessions, 1);
  ASSERT_EQ(row.failures.size(), 2u) << "details that look alike are one group";
  EXPECT_EQ(row.failures[0].result_type, ResultType::kCertificateExpired);
  EXPECT_EQ(row.failures[0].failed_sessions, 3);
  EXPECT_EQ(row.failures[0].receiving_mx, "mx1.firm.example");
  EXPECT_EQ(row.failures[1].failed_sessions, 2);

  ASSERT_TRUE(row.policy_hash.has_value());
  EXPECT_EQ(evidence.policy_texts.at(*row.policy_hash), *failing.policy);
}

// What comes and goes between two statements that read the evidence is there as a whole
// or not at all. Without its failures a report would look cleaner than it is.
TEST_F(QueriesTest, WhatChangesMeanwhileIsSeenWholeOrNot) {
  PolicyResult failing = Sts(10, 3);
  failing.details = {Detail(ResultType::kCertificateExpired, 3)};
  Write({MakeRecord({MakeReport("one", {failing})})});
  bool changed = false;
  ConnectOptions options{.dsn = database_.dsn(), .role = "tlsrptd_api"};
  options.on_query = [&](std::string_view name, nanoseconds, bool) {
    if (name != "evidence_results" || changed) return;
    changed = true;
    const auto owner = test::OpenOrDie(database_.dsn(), "tlsrptd_owner");
    EXPECT_FALSE(test::Failure(*owner, "DELETE FROM report_failure").has_value());
    Write({MakeRecord({MakeReport("two", {failing})})});
  };
  auto watched = Connection::Open(options);
  ASSERT_TRUE(watched.has_value());
  api_ = *std::move(watched);

  const Evidence before = Read();
  EXPECT_TRUE(changed);
  ASSERT_EQ(before.rows.size(), 1u);
  EXPECT_EQ(before.rows[0].failures.size(), 1u) << "deleted after the results were read";

  const Evidence after = Read();
  ASSERT_EQ(after.rows.size(), 2u);
  EXPECT_EQ(after.rows[0].failures.size() + after.rows[1].failures.size(), 1u);
}

TEST_F(QueriesTest, AnUnvouchedCopyOfAVouchedReportIsLeftOut) {
  const Report report = MakeReport("one", {Sts(10)});
  Write({MakeRecord({report}, Provenance::kNone),
         MakeRecord({MakeReport("two", {Sts(5)})}, Provenance::kNone)});
  EXPECT_EQ(Read().rows.size(), 2u);
  Write({MakeRecord({report})});
  const Evidence evidence = Read();
  ASSERT_EQ(evidence.rows.size(), 2u);
  for (const EvidenceRow& row : evidence.rows) {
    EXPECT_EQ(row.success_sessions, row.vouched ? 10 : 5);
  }
}

// Some reporters give no name, and an id that is no more than a day's: two of them look
// like one.
TEST_F(QueriesTest, FailuresOfASecondReporterOfTheSameNameAreLeft) {
  PolicyResult failing = Sts(10, 2);
  failing.details = {Detail(ResultType::kCertificateExpired, 2)};
  const auto write = [&](const char* reporter, const PolicyResult& result) {
    ReceiptRecord record = MakeRecord({MakeReport("1", {result})}, Provenance::kOperator);
    record.reports[0].reporter = reporter;
    Write({record});
  };
  const auto failures = [&] {
    std::int64_t sum = 0;
    for (const EvidenceRow& row : Read().rows) sum += row.failure_sessions;
    return sum;
  };
  write("a.example", Sts(10));
  write("b.example", failing);
  EXPECT_EQ(failures(), 2);
  EXPECT_EQ(Read().rows.size(), 2u);
  std::int64_t successes = 0;
  for (const EvidenceRow& row : Read().rows) successes += row.success_sessions;
  EXPECT_EQ(successes, 10) << "nothing of the second's counts for the domain";
  // The same failures once more are a copy.
  write("c.example", failing);
  EXPECT_EQ(failures(), 4);
}

// What nobody vouches for costs a stranger nothing: there is no end to it.
TEST_F(QueriesTest, OfWhatNobodyVouchesForTheNewestIsRead) {
  PolicyResult failing = Sts(10, 2);
  failing.details = {Detail(ResultType::kCertificateExpired, 1),
                     Detail(ResultType::kStarttlsNotSupported, 1)};
  std::vector<ReceiptRecord> records;
  for (int i = 0; i < 5; ++i) {
    records.push_back(MakeRecord(
        {MakeReport("stranger " + std::to_string(i), {failing}, kDay - days{i})},
        Provenance::kNone));
  }
  records.push_back(MakeRecord({MakeReport("old", {failing}, kDay - days{9})}));
  Write(records);
  EXPECT_EQ(Read().rows.size(), 6u);
  EXPECT_FALSE(Read().unvouched_left_out);

  EvidenceQuestion question{.domain = "firm.example",
                            .mx_hosts = {},
                            .first_day = kDay - days{20},
                            .last_day = kDay,
                            .limits = {.vouched = 2, .unvouched = 3}};
  const auto evidence = ReadEvidence(*api_, question);
  ASSERT_TRUE(evidence.has_value()) << evidence.error().error.message;
  EXPECT_TRUE(evidence->unvouched_left_out);
  ASSERT_EQ(evidence->rows.size(), 4u);
  EXPECT_TRUE(evidence->rows[0].vouched) << "all of these, however old";
  EXPECT_EQ(evidence->rows[0].failures.size(), 2u);
  std::size_t failures = 0;
  for (int i = 1; i < 4; ++i) {
    EXPECT_EQ(evidence->rows[i].day, kDay - days{3 - i});
    failures += evidence->rows[i].failures.size();
  }
  EXPECT_EQ(failures, 3u) << "as many groups of failures as results";

  // Later ones leave what was known before as it was.
  question.known_at = kReceived;
  ReceiptRecord later =
      MakeRecord({MakeReport("stranger 5", {failing}, kDay)}, Provenance::kNone);
  later.receipt.received_at = kReceived + 1h;
  const auto before = ReadEvidence(*api_, question);
  Write({later});
  const auto after = ReadEvidence(*api_, question);
  ASSERT_TRUE(before.has_value() && after.has_value());
  EXPECT_EQ(EvidenceDigest(*after), EvidenceDigest(*before));
}

// What is left out could be what speaks against the domain.
TEST_F(QueriesTest, OfTooMuchThatIsVouchedForNoPartIsTaken) {
  PolicyResult failing = Sts(10, 3);
  failing.details = {Detail(ResultType::kCertificateExpired, 1),
                     Detail(ResultType::kStarttlsNotSupported, 1),
                     Detail(ResultType::kCertificateNotTrusted, 1)};
  // Days apart, since a period may reach into a day from half of its length away.
  const sys_days clean = kDay - days{12};
  Write({MakeRecord({MakeReport("one", {failing})}),
         MakeRecord({MakeReport("two", {Sts(1)}, clean)}),
         MakeRecord({MakeReport("three", {Sts(1)}, clean)})});
  for (const std::int64_t few : {1, 10'000}) {  // what is read in one way, or another
    const auto read = [&](sys_days day, std::int64_t limit) {
      return ReadEvidence(*api_, {.domain = "firm.example",
                                  .mx_hosts = {},
                                  .first_day = day,
                                  .last_day = day,
                                  .limits = {.vouched = limit, .unvouched = few}});
    };
    const auto is_too_much = [&](sys_days day, std::int64_t limit) {
      const auto evidence = read(day, limit);
      return !evidence && evidence.error().error.kind == ErrorKind::kTooLarge &&
             evidence.error().error.message.find("firm.example") != std::string::npos;
    };
    EXPECT_TRUE(read(clean, 2).has_value());
    EXPECT_TRUE(is_too_much(clean, 1)) << "two results";
    EXPECT_TRUE(read(kDay, 3).has_value());
    EXPECT_TRUE(is_too_much(kDay, 2)) << "one result, and three failures of it";
  }
}

TEST_F(QueriesTest, PolicyTextsOfStrangersAreNotRead) {
  const auto under = [](const std::string& mx) {
    PolicyResult result = Sts(10);
    result.policy->mx_patterns = {mx};
    result.policy->lines = {"version: STSv1", "mode: testing", "mx: " + mx,
                            "max_age: 86400"};
    return result;
  };
  const PolicyResult ours = under("mx1.firm.example");
  Write(
      {MakeRecord({MakeReport("one", {ours})}),
       MakeRecord({MakeReport("two", {under("mx2.firm.example")})}, Provenance::kNone)});
  const Evidence evidence = Read();
  EXPECT_EQ(evidence.rows.size(), 2u);
  ASSERT_EQ(evidence.policy_texts.size(), 1u);
  EXPECT_EQ(evidence.policy_texts.begin()->second, *ours.policy);

  Write({MakeRecord({MakeReport("three", {under("mx3.firm.example")})})});
  EXPECT_EQ(Read().policy_texts.size(), 2u);
  const auto limited = ReadEvidence(*api_, {.domain = "firm.example",
                                            .mx_hosts = {},
                                            .first_day = kDay,
                                            .last_day = kDay,
                                            .limits = {.policy_texts = 1}});
  ASSERT_FALSE(limited.has_value());
  EXPECT_EQ(limited.error().error.kind, ErrorKind::kTooLarge);
}

TEST_F(QueriesTest, ResultsAboutAnMxHostAreJoined) {
  PolicyResult tlsa;
  tlsa.policy_type = PolicyType::kTlsa;
  tlsa.policy_domain = "mx1.firm.example";
  tlsa.success_sessions = 3;
  PolicyResult other = Sts(4);
  other.policy_domain = "other.example";
  Write({MakeRecord({MakeReport("one", {Sts(1), tlsa, other})})});
  const Evidence evidence = Read();
  ASSERT_EQ(evidence.rows.size(), 2u) << "the other domain's row is not ours";
  EXPECT_EQ(evidence.rows[0].filed_under, "firm.example");
  EXPECT_EQ(evidence.rows[1].filed_under, "mx1.firm.example");
}

// It is filed under the host and under the pattern that stands for it.
TEST_F(QueriesTest, WhatAPatternNamesAsWellIsReadOnce) {
  const OwnDomains own({"firm.example"}, {"mx1.firm.example", "*.firm.example"});
  std::int64_t failed = 0;
  const auto about = [&](std::initializer_list<const char*> hosts) {
    std::vector<PolicyResult> results;
    for (const char* host : hosts) {
      PolicyResult tlsa;
      tlsa.policy_type = PolicyType::kTlsa;
      tlsa.policy_domain = host;
      tlsa.failure_sessions = 2;
      tlsa.details = {Detail(ResultType::kTlsaInvalid, 2)};
      failed += 2;
      results.push_back(std::move(tlsa));
    }
    ReceiptRecord record = MakeRecord({});
    record.receipt.report_count = 1;
    auto filing = FileReport(MakeReport("one", std::move(results)), own,
                             {.provenance = Provenance::kOperator,
                              .reporter = "google.com",
                              .now = kReceived});
    record.reports = std::move(filing.value().filed);
    return record;
  };
  Write({about({"mx1.firm.example", "mx2.firm.example", "mx3.firm.example"})});
  const auto read = [&](const std::set<std::string>& hosts) {
    const auto evidence = ReadEvidence(*api_, {.domain = "firm.example",
                                               .mx_hosts = hosts,
                                               .first_day = kDay,
                                               .last_day = kDay});
    EXPECT_TRUE(evidence.has_value());
    std::int64_t sessions = 0;
    for (const EvidenceRow& row : evidence->rows) sessions += row.failure_sessions;
    return sessions;
  };
  EXPECT_EQ(read({"mx1.firm.example"}), 2);
  EXPECT_EQ(read({"*.firm.example"}), failed);
  EXPECT_EQ(read({"mx1.firm.example", "*.firm.example"}), failed);
}

// A `tlsa` result of a domain of ours at one of our MX hosts: once for the domain, and
// for each other one that has the MX.
TEST_F(QueriesTest, WhatADomainsOwnReportSaysOfItsMxIsReadOnce) {
  const OwnDomains own({"firm.example", "other.example"},
                       {"mx1.firm.example", "*.firm.example"});
  PolicyResult tlsa;
  tlsa.policy_type = PolicyType::kTlsa;
  tlsa.policy_domain = "firm.example";
  tlsa.mx_hosts = {"mx1.firm.example"};
  tlsa.failure_sessions = 2;
  tlsa.details = {Detail(ResultType::kTlsaInvalid, 2)};
  PolicyResult others = tlsa;  // says the same of somebody else
  others.policy_domain = "else.example";
  ReceiptRecord record = MakeRecord({});
  record.receipt.report_count = 1;
  auto filing = FileReport(
      MakeReport("one", {tlsa, others}), own,
      {.provenance = Provenance::kOperator, .reporter = "google.com", .now = kReceived});
  record.reports = std::move(filing.value().filed);
  Write({record});
  const auto sessions = [&](const std::string& domain,
                            const std::set<std::string>& hosts) {
    const auto evidence = ReadEvidence(
        *api_,
        {.domain = domain, .mx_hosts = hosts, .first_day = kDay, .last_day = kDay});
    EXPECT_TRUE(evidence.has_value());
    std::int64_t sum = 0;
    for (const EvidenceRow& row : evidence->rows) sum += row.failure_sessions;
    return sum;
  };
  for (const std::set<std::string>& hosts :
       {std::set<std::string>{"mx1.firm.example"},
        std::set<std::string>{"*.firm.example"},
        std::set<std::string>{"mx1.firm.example", "*.firm.example"}}) {
    EXPECT_EQ(sessions("firm.example", hosts), 4);
    EXPECT_EQ(sessions("other.example", hosts), 4);
  }
  EXPECT_EQ(sessions("firm.example", {}), 2);
}

// Domains learn their MX hosts one after another, and what was said before was filed
// under what was known then.
TEST_F(QueriesTest, WhatWasFiledBeforeAnMxHostWasKnownIsRead) {
  auto admin = test::OpenOrDie(database_.dsn());
  const auto add = [&](const std::string& domain, const std::string& host,
                       TimePoint added_at) {
    ASSERT_TRUE(admin->Transact([&](Transaction& tx) {
      tx.ExecParams(
          "INSERT INTO tlsrptd.mx_host (added_at, policy_domain, mx_host, source)"
          " VALUES ($1, $2, $3, 'reported')",
          {added_at, domain, host});
    }));
  };
  const auto failing = [&](const std::string& name, TimePoint received_at) {
    PolicyResult tlsa;
    tlsa.policy_type = PolicyType::kTlsa;
    tlsa.policy_domain = name;
    tlsa.failure_sessions = 2;
    tlsa.details = {Detail(ResultType::kTlsaInvalid, 2)};
    ReceiptRecord record = MakeRecord({});
    record.receipt.receipt_id = MakeUuidV7(received_at);
    record.receipt.received_at = received_at;
    record.receipt.report_count = 1;
    auto filing = FileReport(MakeReport(name, {tlsa}), OwnDomains({}, {name}),
                             {.provenance = Provenance::kOperator,
                              .reporter = "google.com",
                              .now = kReceived});
    // As OwnDomains files it where but a pattern is known.
    for (FiledReport& filed : filing.value().filed) record.reports.push_back(filed);
    return record;
  };
  const auto rows = [&](const std::string& domain, const std::set<std::string>& hosts) {
    const auto evidence = ReadEvidence(
        *api_,
        {.domain = domain, .mx_hosts = hosts, .first_day = kDay, .last_day = kDay});
    EXPECT_TRUE(evidence.has_value());
    return evidence->rows.size();
  };
  // One of others names a host of the pattern.
  add("a.example", "mx1.host.example", kReceived);
  Write({failing("mx1.host.example", kReceived)});
  EXPECT_EQ(rows("b.example", {"*.host.example"}), 1u);
  EXPECT_EQ(rows("b.example", {"*.else.example"}), 0u);
  EXPECT_EQ(rows("b.example", {"mx2.host.example"}), 0u);

  // One of others has the pattern, and the host was known an hour later.
  add("c.example", "*.pool.example", kReceived);
  add("d.example", "mx7.pool.example", kReceived + 1h);
  ReceiptRecord before = failing("mx7.pool.example", kReceived);
  ReceiptRecord after = failing("mx8.pool.example", kReceived + 2h);
  for (ReceiptRecord* record : {&before, &after}) {
    for (FiledReport& filed : record->reports) filed.policy_domain = "*.pool.example";
  }
  Write({before, after});
  EXPECT_EQ(rows("d.example", {"mx7.pool.example"}), 1u) << "not what came later";
  EXPECT_EQ(rows("c.example", {"*.pool.example"}), 2u);
}

TEST_F(QueriesTest, ALongPeriodIsFoundByEveryDayItOverlaps) {
  Report week = MakeReport("week", {Sts(70)});
  week.period_end = week.period_start + days{7} - 1s;
  Write({MakeRecord({week})});
  const sys_days first = kDay;
  const sys_days last = kDay + days{6};
  EXPECT_EQ(Read(last, last + days{3}).rows.size(), 1u) << "its last day";
  EXPECT_EQ(Read(first - days{3}, first).rows.size(), 1u) << "its first day";
  const Evidence evidence = Read(first, first);
  ASSERT_EQ(evidence.rows.size(), 1u);
  EXPECT_EQ(evidence.rows[0].first_day, first);
  EXPECT_EQ(evidence.rows[0].last_day, last);
}

TEST_F(QueriesTest, TheEvidenceIsReadFromTheIndexAlone) {
  std::vector<ReceiptRecord> records;
  for (int i = 0; i < 300; ++i) {
    records.push_back(MakeRecord({MakeReport(std::to_string(i), {Sts(1)})}));
  }
  Write(records);
  auto admin = test::OpenOrDie(database_.dsn());
  const auto read = admin->Transact([](Transaction& tx) {
    tx.Exec(
        "SET LOCAL search_path = tlsrptd; SET LOCAL enable_seqscan = off;"
        "SET LOCAL enable_bitmapscan = off");
    std::string plan;
    for (const Row row : tx.Exec(
             "EXPLAIN SELECT policy_domain, day, report_key, reporter, vouched,"
             " policy_ix, policy_type, policy_hash, success_sessions, failure_sessions,"
             " unexplained_sessions, first_day, last_day, received_at"
             " FROM policy_result WHERE policy_domain = ANY ('{firm.example}'::text[])"
             " AND day BETWEEN '2026-11-01' AND '2026-11-20'")) {
      plan += std::string(row.Text(0)) + "\n";
    }
    return plan;
  });
  ASSERT_TRUE(read.has_value()) << read.error().error.message;
  EXPECT_NE(read->find("Index Only Scan"), std::string::npos) << *read;
}

// The same from another submission.
ReceiptRecord AnotherLike(ReceiptRecord record) {
  record.receipt.receipt_id = MakeUuidV7(kReceived);
  return record;
}

ReceiptRecord HeldAbout(const std::string& domain) {
  ReceiptRecord held = MakeRecord({});
  held.receipt.report_count = held.receipt.quarantined_count = 1;
  held.receipt.quarantined_domains = {domain};
  return held;
}

TEST_F(QueriesTest, IntakeIsSaidAsItIs) {
  const ReceiptRecord held = HeldAbout("firm.example");
  ReceiptRecord strangers = AnotherLike(held);
  strangers.receipt.provenance = Provenance::kNone;
  ReceiptRecord unread = AnotherLike(strangers);
  unread.receipt.reason = kReasonCrash;
  ReceiptRecord unverified = AnotherLike(strangers);
  unverified.receipt.reason = kReasonKey;
  Write({held, strangers});
  const Uuid spool_id = MakeUuidV7(kReceived);
  ASSERT_TRUE(writer_
                  .WriteHeartbeat({.spool_id = spool_id,
                                   .now = kReceived,
                                   .started_at = kReceived,
                                   .version = "1",
                                   .spool_depth = 2,
                                   .spool_waiting = 0,
                                   .spool_oldest_at = kReceived - 1h})
                  .has_value());
  const Evidence evidence = Read();
  EXPECT_EQ(evidence.intake.vouched_quarantined, 1) << "a stranger's does not count";
  Write({unread, unverified});
  EXPECT_EQ(Read().intake.vouched_quarantined, 3) << "who vouches for them nobody knows";
  ASSERT_EQ(evidence.intake.nodes.size(), 1u);
  EXPECT_EQ(evidence.intake.nodes[0].heartbeat_at, kReceived);
  EXPECT_EQ(evidence.intake.nodes[0].spool_depth, 2);
  EXPECT_EQ(evidence.intake.nodes[0].oldest_entry_at, kReceived - 1h);

  const auto status = ReadStatus(*api_, std::nullopt);
  ASSERT_TRUE(status.has_value()) << status.error().error.message;
  EXPECT_EQ(status->reports_quarantined, 4);
  EXPECT_EQ(status->other_spool_depth, 2);
  EXPECT_EQ(ReadStatus(*api_, spool_id)->other_spool_depth, 0)
      << "its own it sees itself";
}

// `tlsa` results are filed under the MX host, and one that cannot be read names no more.
TEST_F(QueriesTest, WhatIsHeldAboutAnMxHostConcernsItsDomains) {
  Write({HeldAbout("mx1.firm.example"), HeldAbout("mx.other.example")});
  EXPECT_EQ(Read().intake.vouched_quarantined, 1);
}

// Removed for a day and added again: what came meanwhile was somebody else's, and is not
// evidence before it was looked at again.
TEST_F(QueriesTest, WhatCameWhileADomainWasNotOursIsWaitedFor) {
  ReceiptRecord meanwhile = MakeRecord({});
  meanwhile.receipt.report_count = meanwhile.receipt.quarantined_count = 1;
  meanwhile.receipt.foreign_domains = {"firm.example", "third.example"};
  ReceiptRecord of_host = AnotherLike(meanwhile);
  of_host.receipt.quarantined_count = 0;
  of_host.receipt.foreign_domains = {"mx1.firm.example"};
  ReceiptRecord strangers = AnotherLike(meanwhile);
  strangers.receipt.provenance = Provenance::kNone;
  ReceiptRecord of_others = AnotherLike(meanwhile);
  of_others.receipt.foreign_domains = {"third.example"};
  // An `sts` policy of the host's own, or what somebody who signs says is one.
  ReceiptRecord of_hosts_policy = AnotherLike(of_host);
  of_hosts_policy.receipt.received_at = kReceived + days{1} + 1h;
  ASSERT_TRUE(AddDomains(*ingest_, {"firm.example"}, "command", kReceived + 1h));
  ASSERT_TRUE(AddMxHosts(*ingest_, {"mx1.firm.example"}, kReceived + 1h));
  Write({meanwhile, of_host, strangers, of_others, of_hosts_policy});
  EXPECT_EQ(Read().intake.vouched_foreign, 2);
  const auto received_on = floor<days>(kReceived);
  EXPECT_EQ(Read(received_on + days{1}, received_on + days{20}).intake.vouched_foreign, 0)
      << "what came before the first day tells of days before it";
}

// Filed under both it would be in the sums of both.
TEST(DomainList, AHostIsFiledUnderItsPatternWhereSomebodyHasThatAlone) {
  PolicyResult tlsa;
  tlsa.policy_type = PolicyType::kTlsa;
  tlsa.policy_domain = "mx1.host.example";
  const auto names = [&](std::map<std::string, std::set<std::string>> mx_hosts) {
    DomainList list;
    list.mx_hosts = std::move(mx_hosts);
    return list.Own().FilingNames(tlsa);
  };
  using Names = std::vector<std::string>;
  const std::set<std::string> both = {"mx1.host.example", "*.host.example"};
  EXPECT_EQ(names({{"a.example", both}}), Names{"mx1.host.example"});
  EXPECT_EQ(names({{"a.example", both}, {"b.example", {"mx1.host.example"}}}),
            Names{"mx1.host.example"});
  EXPECT_EQ(names({{"a.example", both}, {"b.example", {"*.host.example"}}}),
            (Names{"*.host.example", "mx1.host.example"}));
  EXPECT_EQ(names({{"a.example", {"*.host.example", "mx2.host.example"}}}),
            Names{"*.host.example"});
  EXPECT_EQ(names({{"", {"mx1.host.example"}}, {"b.example", {"*.host.example"}}}),
            Names{"mx1.host.example"})
      << "that of every domain is of this one as well";
}

TEST_F(QueriesTest, DomainsComeAndGo) {
  ASSERT_TRUE(
      AddDomains(*ingest_, {"firm.example", ".wild.example"}, "command", kReceived)
          .has_value());
  ASSERT_TRUE(AddDomains(*ingest_, {"firm.example"}, "settings", kReceived).has_value())
      << "adding again is harmless";
  ASSERT_TRUE(AddMxHosts(*ingest_, {"mx.shared.example"}, kReceived).has_value());
  const auto list = ReadDomains(*api_);
  ASSERT_TRUE(list.has_value()) << list.error().error.message;
  ASSERT_EQ(list->domains.size(), 2u);
  EXPECT_TRUE(list->Contains("firm.example"));
  EXPECT_FALSE(list->Contains("wild.example"));
  EXPECT_TRUE(list->Own().IsConfigured("firm.example"));
  EXPECT_TRUE(list->Own().IsBelowWildcard("a.wild.example"));
  EXPECT_TRUE(list->Own().IsMxHost("mx.shared.example"));

  EXPECT_TRUE(*RemoveDomain(*ingest_, "firm.example"));
  EXPECT_FALSE(*RemoveDomain(*ingest_, "firm.example")) << "it is gone already";
  EXPECT_FALSE(ReadDomains(*api_)->Contains("firm.example"));
}

}  // namespace
}  // namespace tlsrpt::store
