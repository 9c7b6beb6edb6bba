// Pages by key: whatever is written between two of them, each row comes once.

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "store/admin/domain_list.h"
#include "store/admin/tokens.h"
#include "store/queries/domain_page.h"
#include "store/queries/fleet.h"
#include "store/queries/node_counters.h"
#include "store/queries/receipt_pages.h"
#include "store/queries/reports.h"
#include "store/queries/tokens.h"
#include "store/writer/quarantine_drop.h"
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

class PagesTest : public testing::Test {
 protected:
  void Write(const std::vector<ReceiptRecord>& records) {
    const auto written = writer_.Write(records);
    ASSERT_TRUE(written.has_value()) << written.error().message;
    ASSERT_TRUE(written->refused.empty()) << written->refused[0].message;
  }
  std::vector<ReportLine> Reports(ReportPageQuestion question) {
    question.names = {"firm.example"};
    question.first_day = kDay - days{30};
    question.last_day = kDay + days{30};
    auto page = ReadReportPage(*api_, question);
    EXPECT_TRUE(page.has_value()) << (page ? "" : page.error().error.message);
    return page ? *page : std::vector<ReportLine>{};
  }

  test::TestDatabase database_ = test::MakeMigratedDatabase();
  std::unique_ptr<Connection> api_ = test::OpenOrDie(database_.dsn(), "tlsrptd_api");
  std::unique_ptr<Connection> admin_ = test::OpenOrDie(database_.dsn(), "tlsrptd_admin");
  Writer writer_{{.dsn = database_.dsn(), .role = "tlsrptd_ingest"}, "test"};
};

TEST_F(PagesTest, EveryReportOnceThoughOthersComeInBetween) {
  std::set<std::string> first_ids;
  std::vector<ReceiptRecord> records;
  for (int i = 0; i < 23; ++i) {
    const std::string id = "first" + std::to_string(i);
    first_ids.insert(id);
    records.push_back(MakeRecord({MakeReport(id, {Sts(1)}, kDay - days{i % 5})}));
  }
  Write(records);

  std::multiset<std::string> seen;
  std::vector<ReportRef> order;
  std::optional<ReportRef> after;
  for (int page = 0; page < 100; ++page) {
    const auto lines = Reports({.after = after, .limit = 4});
    if (lines.empty()) break;
    for (const ReportLine& line : lines) {
      seen.insert(line.report_id);
      order.push_back(line.ref);
    }
    after = lines.back().ref;
    Write({MakeRecord(
        {MakeReport("late" + std::to_string(page), {Sts(1)}, kDay - days{page % 5})})});
  }
  for (const std::string& id : first_ids) EXPECT_EQ(seen.count(id), 1u) << id;
  for (const std::string& id : seen) EXPECT_EQ(seen.count(id), 1u) << id;
  EXPECT_TRUE(std::is_sorted(
      order.begin(), order.end(),
      [](const ReportRef& a, const ReportRef& b) { return a.day > b.day; }));
}

TEST_F(PagesTest, FiltersAndCountsOfReports) {
  const Report report = MakeReport("one", {Sts(10, 2), Sts(5)});
  Write({MakeRecord({report}), MakeRecord({report}, Provenance::kNone),
         MakeRecord({MakeReport("two", {Sts(1)})}, Provenance::kOperator,
                    "microsoft.com")});
  EXPECT_EQ(Reports({.limit = 10}).size(), 3u);
  const auto google = Reports({.reporter = "google.com", .limit = 10});
  ASSERT_EQ(google.size(), 1u);
  ASSERT_EQ(google[0].counts.size(), 1u) << "entries of one policy type add up";
  EXPECT_EQ(google[0].counts[0].success_sessions, 15);
  EXPECT_EQ(google[0].counts[0].failure_sessions, 2);
  EXPECT_FALSE(google[0].repeats_vouched);
  const auto unvouched = Reports({.vouched = false, .limit = 10});
  ASSERT_EQ(unvouched.size(), 1u);
  EXPECT_TRUE(unvouched[0].repeats_vouched);
  EXPECT_EQ(Reports({.vouched = true, .limit = 10}).size(), 2u);
}

TEST_F(PagesTest, OneReportWithAllItSays) {
  PolicyResult failing = Sts(10, 3);
  failing.details = {Detail(ResultType::kCertificateExpired, 2),
                     Detail(ResultType::kOther, 1)};
  failing.details[1].result_type_text = "new";
  failing.details[1].sending_mta_ip = "2001:db8::1";
  failing.details[1].receiving_ip = "192.0.2.7";
  failing.details[1].helo = "mx";
  failing.details[1].information = "https://more.example";
  PolicyResult bare = Sts(1);
  bare.policy.reset();
  Report report = MakeReport("one", {failing, bare});
  report.anomalies = {{AnomalyCode::kFieldMissing, "contact-info"}};
  const ReceiptRecord record = MakeRecord({report});
  Write({record});

  const ReportRef ref = Reports({.limit = 1}).at(0).ref;
  const auto read = ReadReport(*api_, ref);
  ASSERT_TRUE(read.has_value()) << read.error().error.message;
  ASSERT_TRUE(read->has_value());
  const WholeReport& whole = **read;
  EXPECT_EQ(whole.organisation, report.organisation);
  EXPECT_EQ(whole.report_id, "one");
  EXPECT_EQ(whole.contact, report.contact);
  EXPECT_EQ(whole.period_start, TimePoint(report.period_start));
  EXPECT_EQ(whole.receipt_id, record.receipt.receipt_id);
  EXPECT_EQ(whole.anomalies, std::vector<std::string>{"field_missing contact-info"});
  EXPECT_EQ(whole.provenance, Provenance::kOperator);
  ASSERT_EQ(whole.results.size(), 2u);
  EXPECT_EQ(whole.results[0].details, failing.details);
  EXPECT_EQ(whole.results[0].policy, failing.policy);
  EXPECT_EQ(whole.results[0].success_sessions, 10);
  EXPECT_FALSE(whole.results[1].policy.has_value());

  ReportRef other = ref;
  other.vouched = false;
  other.reporter = "";
  EXPECT_FALSE(ReadReport(*api_, other)->has_value());
}

ReceiptRecord Quarantined(TimePoint received_at, Provenance provenance) {
  ReceiptRecord record = MakeRecord({}, provenance);
  record.receipt.received_at = received_at;
  record.receipt.receipt_id = MakeUuidV7(received_at);
  record.receipt.report_count = 1;
  record.receipt.quarantined_count = 1;
  record.receipt.reason = "parse";
  record.receipt.reason_detail = "not JSON";
  record.receipt.quarantined_domains = {"firm.example"};
  return record;
}

TEST_F(PagesTest, ReceiptsAndQuarantine) {
  const ReceiptRecord stored = MakeRecord({MakeReport("one", {Sts(1)})});
  ReceiptRecord again = MakeRecord({MakeReport("one", {Sts(1)})});
  again.receipt.transport = Transport::kImport;
  std::vector<ReceiptRecord> records = {stored, again};
  for (int i = 0; i < 5; ++i) {
    records.push_back(Quarantined(
        kReceived + hours{i}, i % 2 == 0 ? Provenance::kOperator : Provenance::kNone));
  }
  Write(records);

  const auto read = [&](ReceiptPageQuestion question) {
    question.first_day = floor<days>(kReceived) - days{1};
    question.last_day = floor<days>(kReceived) + days{1};
    if (question.limit == 0) question.limit = 100;
    const auto page = ReadReceiptPage(*api_, question);
    EXPECT_TRUE(page.has_value()) << (page ? "" : page.error().error.message);
    return page ? *page : std::vector<ReceiptLine>{};
  };
  EXPECT_EQ(read({}).size(), 7u);
  EXPECT_EQ(read({.outcome = Outcome::kStored}).size(), 1u);
  EXPECT_EQ(read({.outcome = Outcome::kDuplicate}).size(), 1u);
  EXPECT_EQ(read({.transport = Transport::kImport}).size(), 1u);
  EXPECT_EQ(read({.quarantined_only = true}).size(), 5u);
  EXPECT_EQ(read({.quarantined_only = true, .vouched = true}).size(), 3u);
  EXPECT_EQ(read({.quarantined_only = true, .reason = "unpack"}).size(), 0u);

  // By pages of two, the newest first.
  std::vector<TimePoint> times;
  ReceiptPageQuestion question{.quarantined_only = true, .limit = 2};
  for (;;) {
    const auto page = read(question);
    if (page.empty()) break;
    for (const ReceiptLine& line : page) times.push_back(line.receipt.received_at);
    question.after = {page.back().received_on, page.back().receipt.receipt_id};
  }
  ASSERT_EQ(times.size(), 5u);
  EXPECT_TRUE(std::is_sorted(times.rbegin(), times.rend()));

  const auto one = ReadReceiptLine(*api_, stored.receipt.receipt_id);
  ASSERT_TRUE(one.has_value()) << one.error().error.message;
  ASSERT_TRUE(one->has_value());
  ASSERT_EQ((*one)->reports.size(), 1u);
  EXPECT_EQ((*one)->reports[0].policy_domain, "firm.example");
  EXPECT_EQ((*one)->Domains(), std::set<std::string>{"firm.example"});
  const auto duplicate = ReadReceiptLine(*api_, again.receipt.receipt_id);
  EXPECT_TRUE((*duplicate)->Domains().empty());
  EXPECT_EQ((*duplicate)->duplicate_count, 1);
  EXPECT_FALSE(ReadReceiptLine(*api_, MakeUuidV7(kReceived))->has_value());

  EXPECT_EQ(ReadRawBytes(*api_, (*one)->received_on, stored.receipt.receipt_id)->value(),
            stored.raw);
  EXPECT_FALSE(
      ReadRawBytes(*api_, (*one)->received_on, MakeUuidV7(kReceived))->has_value());
}

TEST_F(PagesTest, DomainsByName) {
  ASSERT_TRUE(AddDomains(*admin_, {"b.example", "a.example", ".c.example", "d.example"},
                         "command", kReceived));
  const auto names = [&](const FleetPageQuestion& question) {
    std::string text;
    const auto page = ReadFleetPage(*api_, question, {.now = kReceived});
    EXPECT_TRUE(page.has_value()) << (page ? "" : page.error().error.message);
    for (const FleetRow& row : *page) text += row.domain.domain + " ";
    return text;
  };
  FleetPageQuestion question;
  question.limit = 2;
  EXPECT_EQ(names(question), ".c.example a.example ");
  question.after = "a.example";
  question.limit = 5;
  EXPECT_EQ(names(question), "b.example d.example ");
  question.after = "";
  question.only = {{"d.example", "x.example"}};
  EXPECT_EQ(names(question), "d.example ");
  question.only.emplace();
  EXPECT_EQ(names(question), "");
  ASSERT_TRUE(RemoveDomain(*admin_, "a.example"));
  EXPECT_FALSE(ReadDomain(*api_, "a.example")->has_value());
  EXPECT_EQ((*ReadDomain(*api_, "b.example"))->row.source, "command");
}

TEST_F(PagesTest, MxHostsThatAreDomainsOfOursToo) {
  ASSERT_TRUE(AddDomains(*admin_, {"a.example", "b.example", ".wild.example"}, "command",
                         kReceived));
  const auto ingest = test::OpenOrDie(database_.dsn(), "tlsrptd_ingest");
  ASSERT_TRUE(AddMxHosts(*ingest,
                         {"a.example", "b.example", "mx.b.example", "mx.wild.example",
                          "wild.example", "mxwild.example"},
                         kReceived));
  const auto domain = ReadDomain(*api_, "a.example");
  ASSERT_TRUE(domain.has_value()) << domain.error().error.message;
  EXPECT_EQ((*domain)->mx_hosts.size(), 6u);
  EXPECT_EQ((*domain)->hosts_that_are_domains,
            (std::set<std::string>{"a.example", "b.example", "mx.wild.example"}));
}

TEST_F(PagesTest, WhatAReceiptOwesToOthers) {
  const Report first = MakeReport("one", {Sts(1)});
  Report more = MakeReport("one", {Sts(1), Sts(1)});
  more.results[1].policy_domain = "other.example";
  const ReceiptRecord brought = MakeRecord({first});
  const ReceiptRecord in_part = MakeRecord({more});
  Write({brought});
  Write({in_part});
  const ReceiptRecord held = Quarantined(kReceived, Provenance::kNone);
  Write({held});
  const auto read = [&](const ReceiptRecord& record) {
    const auto line = ReadReceiptLine(*api_, record.receipt.receipt_id);
    EXPECT_TRUE(line.has_value()) << (line ? "" : line.error().error.message);
    return line->value();
  };
  EXPECT_EQ(read(brought).duplicate_key_count, 0);
  EXPECT_EQ(read(in_part).duplicate_count, 0) << "a part of it was new";
  EXPECT_EQ(read(in_part).duplicate_key_count, 1);
  EXPECT_EQ(read(in_part).Domains(), std::set<std::string>{"other.example"});

  EXPECT_FALSE(read(held).dropped);
  const auto ingest = test::OpenOrDie(database_.dsn(), "tlsrptd_ingest");
  ASSERT_EQ(DropFromQuarantine(*ingest, {floor<days>(kReceived), held.receipt.receipt_id},
                               {.by = "test", .why = "a test", .now = kReceived})
                .value(),
            1);
  EXPECT_TRUE(read(held).dropped);
}

TEST_F(PagesTest, TokensThereAndGone) {
  Token token;
  token.token_id = "abcdefgh";
  token.secret_hash = std::string(32, '\0');
  token.name = "it's a name";
  token.scope = TokenScope::kAdmin;
  token.domains = {{"a.example", "b.example"}};
  token.created_at = kReceived;
  ASSERT_TRUE(AddToken(*admin_, token));
  Token all = token;
  all.token_id = "hgfedcba";
  all.domains.reset();
  ASSERT_TRUE(AddToken(*admin_, all));
  const auto read = ReadTokens(*api_);
  ASSERT_TRUE(read.has_value()) << read.error().error.message;
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ((*read)[0].secret_hash, token.secret_hash);
  EXPECT_EQ((*read)[0].domains, token.domains);
  EXPECT_EQ((*read)[0].scope, TokenScope::kAdmin);
  EXPECT_FALSE((*read)[1].domains.has_value());
  EXPECT_TRUE(*RemoveToken(*admin_, "abcdefgh"));
  EXPECT_FALSE(*RemoveToken(*admin_, "abcdefgh"));
  Token nothing = token;
  nothing.domains = std::set<std::string>();
  EXPECT_FALSE(AddToken(*admin_, nothing)) << "no domain is not every domain";
}

TEST_F(PagesTest, CountersWithLabelsAreExact) {
  PolicyResult failing = Sts(10, 3);
  failing.details = {Detail(ResultType::kCertificateExpired, 3)};
  const std::vector<ReceiptRecord> batch = {
      MakeRecord({MakeReport("one", {failing})}),
      MakeRecord({MakeReport("two", {Sts(4)})}, Provenance::kNone),
      Quarantined(kReceived, Provenance::kNone)};
  Write(batch);
  Write(batch);  // the commit's answer was lost: the same again
  const auto counters = ReadNodeCounters(*api_, "test");
  ASSERT_TRUE(counters.has_value()) << counters.error().error.message;
  EXPECT_EQ(*counters, (std::map<std::string, std::int64_t>{
                           {"failed_sessions/sts/certificate-expired/vouched", 3},
                           {"receipts", 3},
                           {"receipts/smtp/quarantined", 1},
                           {"receipts/smtp/stored", 2},
                           {"reports_stored", 2},
                           {"sessions/sts/failure/vouched", 3},
                           {"sessions/sts/success/unvouched", 4},
                           {"sessions/sts/success/vouched", 10}}));
}

}  // namespace
}  // namespace tlsrpt::store
