#include "store/writer/failures_told.h"

#include <algorithm>
#include <map>

namespace tlsrpt::store {

FailuresTold FailuresToldBy(const FiledReport& report) {
  FailuresTold told;
  for (const PolicyResult& result : report.results) {
    if (result.failure_sessions == 0 && result.unexplained_sessions == 0 &&
        result.details.empty()) {
      continue;
    }
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
