#include "store/writer/rollup.h"

#include <array>

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
  for (const PolicyResult& result : report.results) {
    present[static_cast<std::size_t>(result.policy_type)] = true;
    for (const FailureDetail& detail : result.details) {
      failure(result.policy_type, detail.result_type) += sign * detail.failed_sessions;
    }
    if (result.unexplained_sessions > 0) {
      failure(result.policy_type, ResultType::kUnexplained) +=
          sign * result.unexplained_sessions;
    }
  }
  for (const PolicyType type : kTypes) {
    if (present[static_cast<std::size_t>(type)]) {
      day(static_cast<std::int16_t>(type)).Add(CountOf(report.results, type), sign);
    }
  }
  day(kKindDistinct).Add(DistinctSessions(report.results), sign);
}

}  // namespace tlsrpt::store
