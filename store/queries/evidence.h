// The evidence on one domain: everything its verdict is made of, read from one snapshot,
// so that no row is seen without its neighbours.
//
// Errors   PgError of the connection; nothing else.
// Threads  as the connection.
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>

#include "base/clock.h"
#include "store/model/evidence.h"
#include "store/pg/connection.h"

namespace tlsrpt::store {

struct EvidenceQuestion {
  std::string domain;              // normalised
  std::set<std::string> mx_hosts;  // ours; `tlsa` results are filed under them
  std::chrono::sys_days first_day;
  std::chrono::sys_days last_day;
  // Only what had been received by then: a copy that came later hides nothing.
  std::optional<TimePoint> known_at = {};
};

// Of rows with the same report_key only those of the copy that counts come back: a
// vouched one where there is one, and of several the one of store::CountsBefore().
PgResult<Evidence> ReadEvidence(Connection& connection, const EvidenceQuestion& question);

}  // namespace tlsrpt::store
