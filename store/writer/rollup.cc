#include "store/writer/rollup.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "store/model/report.h"
#include "store/model/vocabulary.h"

namespace tlsrpt::store {

void DaySums::Add(const SessionCounts& more, int sign) {
  reports += sign;
  sessions.success += sign * more.success;
  sessions.failure += sign * more.failure;
  sessions.unexplained += sign * more.unexplained;
}

void Rollup::Add(const FiledReport& report, int sign) {
  const bool vouched = IsVouched(report.provenance);
  const auto day = [&](std::int16_t kind) -> DaySums& {
    Day& row = days_[{report.policy_domain, report.day, kind}];
    return vouched ? row.vouched : row.unvouched;
  };
  const auto failure = [&](PolicyType type, ResultType result) -> std::int64_t& {
    Failure& row =
        failures_[{report.policy_domain, report.day, static_cast<std::int16_t>(type),
                   static_cast<std::int16_t>(result)}];
    return vouched ? row.vouched : row.unvouched;
  };

  constexpr std::array kTypes = {PolicyType::kOther, PolicyType::kSts, PolicyType::kTlsa,
                                 PolicyType::kNoPolicyFound};
  std::array<bool, kTypes.size()> present{};
  // One report adds no more than kMaxSessions here either, however many details it has.
  std::map<std::pair<PolicyType, ResultType>, std::int64_t> failed;
  const auto fail = [&](PolicyType type, ResultType result, std::int64_t sessions) {
    std::int64_t& sum = failed[{type, result}];
    sum = std::min(sum + sessions, kMaxSessions);
  };
  for (const PolicyResult& result : report.results) {
    present[static_cast<std::size_t>(result.policy_type)] = true;
    for (const FailureDetail& detail : result.details) {
      fail(result.policy_type, detail.result_type, detail.failed_sessions);
    }
    if (result.unexplained_sessions > 0) {
      fail(result.policy_type, ResultType::kUnexplained, result.unexplained_sessions);
    }
  }
  for (const auto& [key, sessions] : failed) {
    failure(key.first, key.second) += sign * sessions;
  }
  for (const PolicyType type : kTypes) {
    if (present[static_cast<std::size_t>(type)]) {
      day(static_cast<std::int16_t>(type)).Add(CountOf(report.results, type), sign);
    }
  }
  day(kKindDistinct).Add(DistinctSessions(report.results), sign);
}

}  // namespace tlsrpt::store
