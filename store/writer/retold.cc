#include "store/writer/retold.h"

#include <string_view>

#include "store/model/digest.h"
#include "store/writer/failures_told.h"

namespace tlsrpt::store {

bool MayTellOthers(const FiledReport& report) {
  return IsVouched(report.provenance) && TellsOfFailure(report);
}

bool TellsOthers(const FiledReport& report, const FiledReport& stored) {
  return FailuresToldBy(report) != FailuresToldBy(stored);
}

FiledReport Retold(const FiledReport& report) {
  Digest key;
  key.Add(report.report_key.AsBytes()).Add(std::string_view("retold"));
  for (const auto& [policy_type, failures, unexplained, kinds] : FailuresToldBy(report)) {
    key.Add(static_cast<std::int64_t>(policy_type)).Add(failures).Add(unexplained);
    key.Add(static_cast<std::int64_t>(kinds.size()));
    for (const auto& [kind, sessions] : kinds) {
      const auto& [result_type, result_type_text, receiving_mx, reason] = kind;
      key.Add(static_cast<std::int64_t>(result_type)).Add(result_type_text);
      key.Add(receiving_mx).Add(reason).Add(sessions);
    }
  }
  FiledReport retold = report;
  retold.report_key = key.First16();
  retold.anomalies.push_back({AnomalyCode::kNameTaken, "report-id"});
  for (PolicyResult& result : retold.results) result.success_sessions = 0;
  return retold;
}

}  // namespace tlsrpt::store
