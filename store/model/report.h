// One SMTP TLS report (RFC 8460, 4) as the parser understood it: every field
// normalised, every departure noted, nothing decided yet about whose it is.
//
// Units    sessions, as RFC 8460 counts them; not messages. Times are UTC.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/uuid.h"
#include "store/model/anomaly.h"
#include "store/model/vocabulary.h"

namespace tlsrpt::store {

// Counts clamp here, so that a bigint sum over 9 million rows cannot overflow.
inline constexpr std::int64_t kMaxSessions = 1'000'000'000'000;

// RFC 8460, 4.3.
struct FailureDetail {
  ResultType result_type = ResultType::kOther;
  std::string result_type_text;  // as sent; only where result_type is kOther
  std::int64_t failed_sessions = 0;
  std::string sending_mta_ip;  // canonical text of an IP address, or empty
  std::string receiving_ip;    // the same
  std::string receiving_mx;    // A-labels, lower case, or as sent if no host name
  std::string helo;
  std::string reason;       // "failure-reason-code"
  std::string information;  // "additional-information"

  bool operator==(const FailureDetail&) const = default;
};

// The policy a reporter says it applied (RFC 8460, 4.4 "policy-string", "mx-host").
struct PolicyText {
  PolicyType type = PolicyType::kOther;
  PolicyMode mode = PolicyMode::kUnknown;
  std::optional<std::chrono::seconds> max_age;
  // Lower case; "*.mail.example" for a wildcard. From the "mx:" lines, else mx-host.
  std::vector<std::string> mx_patterns;
  std::vector<std::string> lines;  // blanks and CR trimmed

  bool operator==(const PolicyText&) const = default;
};

struct PolicyResult {
  PolicyType policy_type = PolicyType::kOther;
  std::string policy_type_text;  // as sent; only where policy_type is kOther
  std::string policy_domain;     // A-labels, lower case; empty where nobody said it
  std::optional<PolicyText> policy;
  std::vector<std::string> mx_hosts;  // "mx-host", lower case
  std::int64_t success_sessions = 0;
  std::int64_t failure_sessions = 0;
  // Failures of the summary that no detail explains, and each field that said
  // "failure" but could not be read. Part of failure_sessions.
  std::int64_t unexplained_sessions = 0;
  std::vector<FailureDetail> details;

  bool operator==(const PolicyResult&) const = default;
};

struct Report {
  std::string organisation;  // as sent; empty when absent
  std::string report_id;
  std::string contact;  // as sent: an address, a URL, or empty
  std::chrono::sys_seconds period_start;
  std::chrono::sys_seconds period_end;
  std::vector<PolicyResult> results;
  std::vector<Anomaly> anomalies;
};

// Identifies a policy text within a policy domain: the first 16 bytes of SHA-256 over
// type, lines and mx patterns.
Uuid PolicyHash(const PolicyText& policy);

// An order in which texts of one hash are equal, and no others: for a map of hashes,
// where looking up is a fraction of hashing.
struct PolicyHashOrder {
  bool operator()(const PolicyText* a, const PolicyText* b) const;
};

}  // namespace tlsrpt::store
