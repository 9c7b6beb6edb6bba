// What one report says about one policy domain: one row of `report` with its results.
//
// A report that names k of our domains is filed k times, each under its own key, so
// that every row of a domain lies together (facts of the schema: sql/README.md).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/uuid.h"
#include "store/model/report.h"
#include "store/model/vocabulary.h"
#include "store/model/vouching.h"

namespace tlsrpt::store {

// Raised with each change of what is stored of the same bytes, the names that a held
// receipt is remembered by included; `reprocess` looks for rows below it.
inline constexpr std::int32_t kParserVersion = 6;

struct FiledReport {
  // First 16 bytes of SHA-256 over organisation, report-id, period and policy domain.
  Uuid report_key;
  std::string policy_domain;
  // UTC date of the middle of the period; successes count there.
  std::chrono::sys_days day;
  // The days that failures stand against: `day` alone for periods of up to 36 hours.
  std::chrono::sys_days first_day;
  std::chrono::sys_days last_day;

  Provenance provenance = Provenance::kNone;
  std::string reporter;  // organisational domain; empty where nobody vouches
  Vouching vouching;

  std::string organisation;
  std::string report_id;
  std::string contact;
  std::chrono::sys_seconds period_start;
  std::chrono::sys_seconds period_end;

  // Which report of its receipt this is a part of, from 0: the parts of one report
  // count once.
  std::int32_t report_ix = 0;
  std::vector<PolicyResult> results;  // all of policy_domain
  std::vector<Anomaly> anomalies;
};

}  // namespace tlsrpt::store
