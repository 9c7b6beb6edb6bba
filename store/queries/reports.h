// Single reports: a page of them, and one with all it says.
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

#include "base/clock.h"
#include "base/uuid.h"
#include "store/model/report.h"
#include "store/model/report_ref.h"
#include "store/model/vocabulary.h"
#include "store/pg/connection.h"

namespace tlsrpt::store {

// What one report counts under one policy type.
struct PolicyTypeCounts {
  PolicyType policy_type = PolicyType::kOther;
  std::int64_t success_sessions = 0;
  std::int64_t failure_sessions = 0;
  std::int64_t unexplained_sessions = 0;
};

struct ReportLine {
  ReportRef ref;
  Provenance provenance = Provenance::kNone;
  std::string why_unvouched;  // as found when it came; empty where somebody vouches
  // It came from an address that its reporter is known to report from.
  bool from_known = true;
  std::string organisation;
  std::string report_id;
  TimePoint period_start;
  TimePoint period_end;
  TimePoint received_at;
  Uuid receipt_id;
  std::int64_t anomalies = 0;
  // Nobody vouches for it, somebody does for the same content: it counts nowhere.
  bool repeats_vouched = false;
  std::vector<PolicyTypeCounts> counts;  // by policy type; never to be added up
};

struct ReportPageQuestion {
  std::vector<std::string> names = {};  // a domain, and its MX hosts
  std::chrono::sys_days first_day = {};
  std::chrono::sys_days last_day = {};
  std::optional<bool> vouched = {};
  std::optional<std::string> reporter = {};
  std::optional<ReportRef> after = {};  // the last of the page before
  std::int64_t limit = 0;
};

// The newest day first. A report that comes in later moves no row from one page to
// another: the order is the key's.
PgResult<std::vector<ReportLine>> ReadReportPage(Connection& connection,
                                                 const ReportPageQuestion& question);

struct WholeReport {
  ReportRef ref;
  Provenance provenance = Provenance::kNone;
  std::string why_unvouched;  // as found when it came; empty where somebody vouches
  // It came from an address that its reporter is known to report from.
  bool from_known = true;
  std::string organisation;
  std::string report_id;
  std::string contact;
  TimePoint period_start;
  TimePoint period_end;
  std::chrono::sys_days first_day;
  std::chrono::sys_days last_day;
  TimePoint received_at;
  Uuid receipt_id;
  std::chrono::sys_days receipt_on;
  std::int32_t report_ix = 0;
  std::int32_t parser_version = 0;
  std::vector<std::string> anomalies;
  std::vector<PolicyResult> results;  // policy_domain is ref's
  bool demo = false;                  // made up by `tlsrptd demo`
};

// Nothing: no such report.
PgResult<std::optional<WholeReport>> ReadReport(Connection& connection,
                                                const ReportRef& ref);

}  // namespace tlsrpt::store
