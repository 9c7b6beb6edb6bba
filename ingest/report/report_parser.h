// From the JSON of a report (RFC 8460, 4.4) to store::Report.
//
// Tolerant field by field: a bad field costs that field and leaves an anomaly that
// names it ("policies[0].summary.total-failure-session-count"). But tolerance never
// hides a failure: a failure count, a result type or a policy type that cannot be read
// becomes an unexplained failure or kOther, which the readiness rules hold against the
// domain.
//
// Errors   kMalformed   not JSON, no readable date-range, no policies, two reports in
//                       one text; the message names the field or the byte
//          kTooLarge    deeper or longer than the limits below
//          Both quarantine the report.
// Threads  pure function.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/model/report.h"

namespace tlsrpt::ingest {

// An MX operator's report names each recipient domain (mox); a report this long would
// be one mail for a small hoster. Past it the whole report is kTooLarge: nothing says
// that what was left out is not ours.
inline constexpr std::size_t kMaxPolicies = 1000;
// Details of one report, over all policies. What lies past it counts as unexplained.
inline constexpr std::size_t kMaxFailureDetails = 10'000;
// RFC 8461, 3.2 has four fields, and one "mx" line a host.
inline constexpr std::size_t kMaxPolicyLines = 100;
// One free text: report-id, organisation, reason, ...
inline constexpr std::size_t kMaxTextBytes = 1024;
// Enough to see what a sender does; a report with more has one habit many times.
inline constexpr std::size_t kMaxAnomalies = 100;

struct ReportHints {
  std::string policy_domain;  // normalised; for policies that do not name theirs
};

Result<store::Report> ParseReport(std::string_view json, const ReportHints& hints = {});

// Of a report that ParseReport() refuses, what it would have read in its policies: for
// whom it is about. Nothing where they cannot all be read.
std::optional<std::vector<store::PolicyResult>> ReadResults(
    std::string_view json, const ReportHints& hints = {});

}  // namespace tlsrpt::ingest
