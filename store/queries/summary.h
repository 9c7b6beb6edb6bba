// What was reported about one domain, added up by day, by reporter and policy type, and
// failure by failure.
//
// What nobody vouches for is never added to what somebody does, and is left out where a
// vouched report has the same content. Sums never cross policy types; the distinct
// sessions of a report are no-policy-found + other + max(sts, tlsa) (DESIGN 4).
//
// Units    sessions; days are UTC dates, both ends included.
// Errors   PgError of the connection; nothing else.
// Threads  as the connection.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/model/vocabulary.h"
#include "store/pg/connection.h"

namespace tlsrpt::store {

struct SummaryQuestion {
  std::vector<std::string> names;  // a domain, and its MX hosts
  std::chrono::sys_days first_day;
  std::chrono::sys_days last_day;
  std::optional<bool> vouched;  // only these; nothing: both
};

struct SessionSums {
  std::int64_t reports = 0;
  std::int64_t success_sessions = 0;
  std::int64_t failure_sessions = 0;
  std::int64_t unexplained_sessions = 0;  // part of the failures

  bool operator==(const SessionSums&) const = default;
};

// Distinct sessions of one name and day.
struct DaySummary {
  std::string filed_under;
  std::chrono::sys_days day;
  SessionSums vouched;
  SessionSums unvouched;
};

struct ReporterDay {
  std::string filed_under;
  std::chrono::sys_days day;
  std::string reporter;  // "" where nobody vouches
  bool vouched = false;
  PolicyType policy_type = PolicyType::kOther;
  SessionSums sums;
};

struct Summary {
  std::vector<DaySummary> days;   // by day and name; a day without a report is absent
  std::vector<ReporterDay> rows;  // by day, name, reporter, vouched and policy type
};

PgResult<Summary> ReadSummary(Connection& connection, const SummaryQuestion& question);

struct FailureLine {
  std::string filed_under;
  PolicyType policy_type = PolicyType::kOther;
  ResultType result_type = ResultType::kOther;
  std::string result_type_text;  // as sent, where result_type is kOther
  std::string receiving_mx;      // these two "" where not said
  std::string reason;
  std::string reporter;
  bool vouched = false;
  std::int64_t failed_sessions = 0;
  std::int64_t reports = 0;
  std::chrono::sys_days first_day;
  std::chrono::sys_days last_day;
};

struct FailureLines {
  std::vector<FailureLine> lines;  // the largest first
  std::int64_t groups = 0;         // in all, those past the limit too
};

PgResult<FailureLines> ReadFailures(Connection& connection,
                                    const SummaryQuestion& question, std::int64_t limit);

}  // namespace tlsrpt::store
