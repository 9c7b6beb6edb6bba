#include "ingest/rework/compare.h"

#include <gtest/gtest.h>

#include <functional>

#include "store/writer/retold.h"
#include "tests/support/records.h"

namespace tlsrpt::ingest {
namespace {

using store::FiledReport;
using store::ReceiptRecord;
using test::Detail;
using test::MakeRecord;
using test::MakeReport;
using test::Sts;

ReceiptRecord Record() {
  store::PolicyResult result = Sts(10, 3);
  result.details = {Detail(store::ResultType::kCertificateExpired, 3)};
  return MakeRecord({MakeReport("one", {result})});
}

// What the database has after `record` was stored.
store::KeptReceipt Stored(const ReceiptRecord& record) {
  store::KeptReceipt kept;
  kept.receipt = record.receipt;
  kept.parser_version = store::kParserVersion;
  for (const FiledReport& report : record.reports) {
    kept.owned.push_back(store::KeptFormOf(report));
  }
  return kept;
}

TEST(Compare, TheSameIsTheSame) {
  const ReceiptRecord record = Record();
  EXPECT_FALSE(Compare(Stored(record), record).Any());
}

struct FieldRow {
  const char* field;
  std::function<void(FiledReport&)> change;
};

const FieldRow kFields[] = {
    {"organisation", [](auto& r) { r.organisation = "x"; }},
    {"report_id", [](auto& r) { r.report_id = "x"; }},
    {"contact", [](auto& r) { r.contact = "x"; }},
    {"period", [](auto& r) { r.period_end += std::chrono::seconds(1); }},
    {"day", [](auto& r) { r.last_day += std::chrono::days(1); }},
    {"provenance", [](auto& r) { r.provenance = store::Provenance::kDkim; }},
    {"report_ix", [](auto& r) { ++r.report_ix; }},
    {"results", [](auto& r) { r.results.push_back(Sts(1)); }},
    {"results.policy", [](auto& r) { r.results[0].policy->lines.push_back("x: y"); }},
    {"results.policy", [](auto& r) { r.results[0].policy.reset(); }},
    {"results.policy_type",
     [](auto& r) { r.results[0].policy_type = store::PolicyType::kTlsa; }},
    {"results.policy_type", [](auto& r) { r.results[0].policy_type_text = "x"; }},
    {"results.success_sessions", [](auto& r) { ++r.results[0].success_sessions; }},
    {"results.failure_sessions", [](auto& r) { ++r.results[0].failure_sessions; }},
    {"results.unexplained_sessions",
     [](auto& r) { ++r.results[0].unexplained_sessions; }},
    {"results.details", [](auto& r) { r.results[0].details.clear(); }},
    {"results.details.result_type",
     [](auto& r) { r.results[0].details[0].result_type = store::ResultType::kOther; }},
    {"results.details.failed_sessions",
     [](auto& r) { ++r.results[0].details[0].failed_sessions; }},
    {"results.details.sending_mta_ip",
     [](auto& r) { r.results[0].details[0].sending_mta_ip = "192.0.2.2"; }},
    {"results.details.receiving_ip",
     [](auto& r) { r.results[0].details[0].receiving_ip = "192.0.2.2"; }},
    {"results.details.receiving_mx",
     [](auto& r) { r.results[0].details[0].receiving_mx = "x"; }},
    {"results.details.helo", [](auto& r) { r.results[0].details[0].helo = "x"; }},
    {"results.details.reason", [](auto& r) { r.results[0].details[0].reason = "x"; }},
    {"results.details.information",
     [](auto& r) { r.results[0].details[0].information = "x"; }},
};

TEST(Compare, EveryFieldIsNamed) {
  for (const FieldRow& row : kFields) {
    SCOPED_TRACE(row.field);
    ReceiptRecord record = Record();
    const store::KeptReceipt kept = Stored(record);
    row.change(record.reports[0]);
    const Changes changes = Compare(kept, record);
    EXPECT_EQ(changes.fields, std::vector<std::string>{row.field});
    EXPECT_TRUE(changes.Any());
    EXPECT_EQ(changes.added + changes.gone, 0);
  }
}

TEST(Compare, AnomaliesAreCountedOnceAReportWhateverEntryTheyAreIn) {
  using store::AnomalyCode;
  ReceiptRecord record = Record();
  record.reports[0].anomalies = {{AnomalyCode::kFieldMissing, "contact-info"}};
  const store::KeptReceipt kept = Stored(record);
  record.reports[0].anomalies = {{AnomalyCode::kCountClamped, "policies[0].summary"},
                                 {AnomalyCode::kCountClamped, "policies[1].summary"}};
  const Changes changes = Compare(kept, record);
  EXPECT_EQ(changes.gained, std::vector<std::string>{"count_clamped policies[].summary"});
  EXPECT_EQ(changes.lost, std::vector<std::string>{"field_missing contact-info"});
  EXPECT_EQ(changes.fields, std::vector<std::string>{"anomalies"});
}

TEST(Compare, ReportsThatComeAndGo) {
  const ReceiptRecord one = Record();
  ReceiptRecord two = Record();
  two.reports[0].report_key.bytes[0] ^= 1;
  const Changes other = Compare(Stored(one), two);
  EXPECT_EQ(other.added, 1);
  EXPECT_EQ(other.gone, 1);

  ReceiptRecord none = Record();
  none.reports.clear();
  none.receipt.quarantined_count = 1;
  const Changes held = Compare(Stored(one), none);
  EXPECT_EQ(held.gone, 1);
  EXPECT_EQ(held.quarantined, 1);
  EXPECT_EQ(Compare(Stored(none), one).quarantined, -1);
}

TEST(Compare, ADuplicateStaysOneUnlessItIsReadNoLonger) {
  const ReceiptRecord record = Record();
  store::KeptReceipt duplicate = Stored(record);
  duplicate.owned.clear();
  duplicate.duplicate_keys = {record.reports[0].report_key};
  EXPECT_FALSE(Compare(duplicate, record).Any());
  ReceiptRecord none = record;
  none.reports.clear();
  EXPECT_EQ(Compare(duplicate, none).gone, 1);
}

TEST(Compare, AFailingDuplicateOfAParserThatAskedNothingIsLookedAtAgain) {
  const auto duplicate_of = [](const ReceiptRecord& record) {
    store::KeptReceipt kept = Stored(record);
    kept.duplicate_keys = {record.reports[0].report_key};
    kept.owned.clear();
    kept.parser_version = store::kFirstRetold - 1;
    return kept;
  };
  const ReceiptRecord failing = Record();
  const Changes changes = Compare(duplicate_of(failing), failing);
  EXPECT_TRUE(changes.may_be_retold);
  EXPECT_TRUE(changes.Any());
  EXPECT_EQ(changes.gone, 0);

  const ReceiptRecord clean = MakeRecord({MakeReport("one", {Sts(10)})});
  EXPECT_FALSE(Compare(duplicate_of(clean), clean).Any());
}

TEST(Compare, WhoVouchesNowIsSaid) {
  const auto of = [](store::Provenance provenance) {
    return MakeRecord({MakeReport("one", {Sts(1)})}, provenance);
  };
  const Changes now =
      Compare(Stored(of(store::Provenance::kNone)), of(store::Provenance::kDkim));
  EXPECT_EQ(now.vouched, (std::map<std::string, std::int64_t>{{"google.com", 1}}));
  EXPECT_EQ(now.added, 1);
  EXPECT_EQ(now.gone, 1);

  // It was a duplicate of a copy that nobody vouches for, and is none any more.
  store::KeptReceipt duplicate = Stored(of(store::Provenance::kNone));
  duplicate.duplicate_keys.insert(duplicate.owned.front().filed.report_key);
  duplicate.owned.clear();
  EXPECT_TRUE(Compare(duplicate, of(store::Provenance::kDkim)).Any());
  EXPECT_FALSE(Compare(duplicate, of(store::Provenance::kNone)).Any());
}

TEST(Compare, TwiceInOneMailIsStoredOnce) {
  const store::Report report = MakeReport("one", {Sts(1)});
  const ReceiptRecord record = MakeRecord({report, report});
  store::KeptReceipt kept = Stored(record);
  kept.owned.pop_back();
  EXPECT_FALSE(Compare(kept, record).Any());
}

TEST(Compare, AnotherReasonIsAChange) {
  ReceiptRecord record = Record();
  const store::KeptReceipt kept = Stored(record);
  record.receipt.foreign_domains = {"other.example"};
  EXPECT_TRUE(Compare(kept, record).Any());
}

}  // namespace
}  // namespace tlsrpt::ingest
