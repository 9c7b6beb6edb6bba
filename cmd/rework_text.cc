#include "cmd/rework_text.h"

#include <cstdio>
#include <string>

namespace tlsrpt::cmd {
namespace {

void Line(std::int64_t count, const char* what) {
  if (count > 0) std::printf("%8lld  %s\n", static_cast<long long>(count), what);
}

}  // namespace

nlohmann::ordered_json ToJson(const ingest::ReworkSummary& summary, bool dry_run) {
  nlohmann::ordered_json json{{"dry_run", dry_run},
                              {"receipts", summary.receipts},
                              {"unchanged", summary.unchanged},
                              {"changed", summary.changed},
                              {"without_bytes", summary.no_bytes},
                              {"past_retention", summary.too_old},
                              {"without_partition", summary.no_partition},
                              {"rows_added", summary.rows_added},
                              {"rows_gone", summary.rows_gone},
                              {"taken_over", summary.promoted},
                              {"left_quarantine", summary.left_quarantine},
                              {"entered_quarantine", summary.entered_quarantine}};
  auto anomalies = nlohmann::ordered_json::array();
  for (const auto& [anomaly, count] : summary.anomalies) {
    anomalies.push_back(
        {{"anomaly", anomaly}, {"gained", count.gained}, {"lost", count.lost}});
  }
  json["anomalies"] = std::move(anomalies);
  auto fields = nlohmann::ordered_json::array();
  for (const auto& [field, reports] : summary.fields) {
    fields.push_back({{"field", field}, {"reports", reports}});
  }
  json["fields"] = std::move(fields);
  json["without_key"] = summary.no_key;
  auto vouched = nlohmann::ordered_json::array();
  for (const auto& [reporter, reports] : summary.vouched) {
    vouched.push_back({{"reporter", reporter}, {"reports", reports}});
  }
  json["vouched"] = std::move(vouched);
  json["bugs"] = summary.bugs;
  return json;
}

void Print(const ingest::ReworkSummary& summary, bool dry_run) {
  std::printf(
      "%lld receipts looked at: %lld %s, %lld as before\n",
      static_cast<long long>(summary.receipts), static_cast<long long>(summary.changed),
      dry_run ? "would change" : "changed", static_cast<long long>(summary.unchanged));
  Line(summary.no_bytes, "left alone: their bytes are past retention.raw_months");
  Line(summary.too_old, "left alone: a report is past retention.reports_months");
  Line(summary.no_partition,
       "left alone: a month has no partition; `tlsrptd worker --once` makes it");
  Line(summary.no_key, "not verified: DNS does not give the key that signed them");
  for (const auto& [reporter, reports] : summary.vouched) {
    const std::string what = "reports from none to vouched for by " + reporter;
    Line(reports, what.c_str());
  }
  Line(summary.left_quarantine, "reports out of quarantine");
  Line(summary.entered_quarantine, "reports into quarantine");
  Line(summary.rows_added, "rows of `report` more");
  Line(summary.rows_gone, "rows of `report` less");
  Line(summary.promoted, "receipts whose duplicate took the place of one that went");
  if (!summary.anomalies.empty()) std::printf("%8s%8s  anomaly\n", "gained", "lost");
  for (const auto& [anomaly, count] : summary.anomalies) {
    std::printf("%8lld%8lld  %s\n", static_cast<long long>(count.gained),
                static_cast<long long>(count.lost), anomaly.c_str());
  }
  if (!summary.fields.empty()) std::printf("%16s  field\n", "reports");
  for (const auto& [field, reports] : summary.fields) {
    std::printf("%16lld  %s\n", static_cast<long long>(reports), field.c_str());
  }
  for (const std::string& bug : summary.bugs) {
    std::fprintf(stderr, "tlsrptd: our bug, please report it: receipt %s\n", bug.c_str());
  }
}

}  // namespace tlsrpt::cmd
