// Receipts with reports in them, as ingest/flow would hand them to the writer.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/uuid.h"
#include "store/model/filing.h"
#include "store/model/receipt.h"

namespace tlsrpt::test {

using namespace std::chrono;  // NOLINT: a header of tests

inline constexpr sys_days kDay = sys_days{2026y / November / 10};
inline constexpr TimePoint kReceived = kDay + days{10} + 6h;

// One `sts` entry in testing mode.
inline store::PolicyResult Sts(std::int64_t success, std::int64_t failure = 0) {
  store::PolicyResult result;
  result.policy_type = store::PolicyType::kSts;
  result.policy_domain = "firm.example";
  result.policy = store::PolicyText{
      .type = store::PolicyType::kSts,
      .mode = store::PolicyMode::kTesting,
      .max_age = 86400s,
      .mx_patterns = {"mx1.firm.example", "*.backup.example"},
      .lines = {"version: STSv1", "mode: testing", "mx: mx1.firm.example",
                "mx: *.backup.example", "max_age: 86400"}};
  result.success_sessions = success;
  result.failure_sessions = failure;
  return result;
}

inline store::FailureDetail Detail(store::ResultType type, std::int64_t sessions) {
  store::FailureDetail detail;
  detail.result_type = type;
  detail.failed_sessions = sessions;
  detail.sending_mta_ip = "192.0.2.1";
  detail.receiving_mx = "mx1.firm.example";
  detail.reason = "it's a \\ 'reason'";
  return detail;
}

inline store::Report MakeReport(std::string report_id,
                                std::vector<store::PolicyResult> results,
                                sys_days day = kDay) {
  store::Report report;
  report.organisation = "Google Inc.";
  report.report_id = std::move(report_id);
  report.contact = "smtp-tls-reporting@google.com";
  report.period_start = day;
  report.period_end = day + 23h + 59min + 59s;
  report.results = std::move(results);
  return report;
}

// A receipt of its own with `reports`, each vouched for as said.
inline store::ReceiptRecord MakeRecord(
    const std::vector<store::Report>& reports,
    store::Provenance provenance = store::Provenance::kOperator,
    std::string reporter = "google.com") {
  store::ReceiptRecord record;
  record.receipt.received_at = kReceived;
  record.receipt.receipt_id = MakeUuidV7(kReceived);
  record.receipt.node = "test";
  record.receipt.peer = "192.0.2.1:25";
  record.receipt.envelope_to = {"tlsrpt@firm.example"};
  record.receipt.provenance = provenance;
  record.raw = std::string("raw\0bytes\\", 10);
  const store::OwnDomains own({"firm.example", "other.example"}, {"mx1.firm.example"});
  for (const store::Report& report : reports) {
    auto filing = store::FileReport(
        store::Report(report), own,
        {.provenance = provenance,
         .reporter = provenance == store::Provenance::kNone ? "" : reporter,
         .report_ix = record.receipt.report_count++,
         .now = kReceived});
    for (auto& filed : filing.value().filed) record.reports.push_back(std::move(filed));
  }
  return record;
}

}  // namespace tlsrpt::test
