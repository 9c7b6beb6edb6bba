#include "store/writer/written_before.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace tlsrpt::store {
namespace {

// All that decides what a failure means and which waiver is about it; sessions by kind.
using Kind = std::tuple<ResultType, std::string, std::string, std::string>;
using Told = std::tuple<PolicyType, std::int64_t, std::int64_t,
                        std::vector<std::pair<Kind, std::int64_t>>>;

std::vector<Told> FailuresToldBy(const FiledReport& report) {
  std::vector<Told> told;
  for (const PolicyResult& result : report.results) {
    std::map<Kind, std::int64_t> kinds;
    for (const FailureDetail& detail : result.details) {
      kinds[{detail.result_type, detail.result_type_text, detail.receiving_mx,
             detail.reason}] += detail.failed_sessions;
    }
    told.emplace_back(
        result.policy_type, result.failure_sessions, result.unexplained_sessions,
        std::vector<std::pair<Kind, std::int64_t>>(kinds.begin(), kinds.end()));
  }
  std::sort(told.begin(), told.end());
  return told;
}

}  // namespace

WrittenBefore StillWritten(const std::vector<KeptReport>& owned,
                           const std::vector<FiledReport>& now) {
  // The first of those that look alike is the one that is stored.
  std::map<RowKey, const FiledReport*> found;
  for (const FiledReport& report : now) found.try_emplace(KeyOf(report), &report);
  WrittenBefore still;
  for (const KeptReport& kept : owned) {
    const auto at = found.find(KeyOf(kept.filed));
    if (at == found.end()) continue;
    if (FailuresToldBy(kept.filed) == FailuresToldBy(*at->second)) {
      still.emplace(at->first, kept.written_at);
    }
  }
  return still;
}

}  // namespace tlsrpt::store
