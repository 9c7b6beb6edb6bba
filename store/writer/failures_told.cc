#include "store/writer/failures_told.h"

#include <algorithm>
#include <map>

namespace tlsrpt::store {

bool TellsOfFailure(const PolicyResult& result) {
  return result.failure_sessions > 0 || result.unexplained_sessions > 0 ||
         !result.details.empty();
}

bool TellsOfFailure(const FiledReport& report) {
  return std::any_of(report.results.begin(), report.results.end(),
                     [](const PolicyResult& result) { return TellsOfFailure(result); });
}

FailuresTold FailuresToldBy(const FiledReport& report) {
  FailuresTold told;
  for (const PolicyResult& result : report.results) {
    if (!TellsOfFailure(result)) continue;
    std::map<FailureKind, std::int64_t> kinds;
    for (const FailureDetail& detail : result.details) {
      kinds[{detail.result_type, detail.result_type_text, detail.receiving_mx,
             detail.reason}] += detail.failed_sessions;
    }
    told.emplace_back(
        result.policy_type, result.failure_sessions, result.unexplained_sessions,
        std::vector<std::pair<FailureKind, std::int64_t>>(kinds.begin(), kinds.end()));
  }
  std::sort(told.begin(), told.end());
  return told;
}

}  // namespace tlsrpt::store
