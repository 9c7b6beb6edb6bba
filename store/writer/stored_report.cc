#include "store/writer/stored_report.h"

#include <cstdint>
#include <map>

namespace tlsrpt::store {

FiledReport ReadStoredReport(Transaction& tx, const std::string& policy_domain,
                             std::chrono::sys_days day, const Uuid& report_key,
                             const std::string& reporter, Provenance provenance) {
  const Params params{policy_domain, day, report_key, reporter};
  FiledReport report;
  report.report_key = report_key;
  report.policy_domain = policy_domain;
  report.day = day;
  report.provenance = provenance;
  report.reporter = reporter;
  std::map<std::int32_t, std::size_t> place;
  for (const Row row : tx.Query("stored_results", params)) {
    place[row.Int32("policy_ix")] = report.results.size();
    PolicyResult& result = report.results.emplace_back();
    result.policy_type = static_cast<PolicyType>(row.Int32("policy_type"));
    result.success_sessions = row.Int64("success_sessions");
    result.failure_sessions = row.Int64("failure_sessions");
    result.unexplained_sessions = row.Int64("unexplained_sessions");
  }
  for (const Row row : tx.Query("stored_failures", params)) {
    FailureDetail& detail =
        report.results.at(place.at(row.Int32("policy_ix"))).details.emplace_back();
    detail.result_type = static_cast<ResultType>(row.Int32("result_type"));
    detail.result_type_text = row.Text("result_type_text");
    detail.receiving_mx = row.Text("receiving_mx");
    detail.reason = row.Text("reason");
    detail.failed_sessions = row.Int64("failed_sessions");
  }
  return report;
}

}  // namespace tlsrpt::store
