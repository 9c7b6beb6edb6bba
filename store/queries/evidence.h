// The evidence on one domain: everything its verdict is made of, read in one
// transaction, so that no row is seen without its neighbours.
//
// Errors   PgError of the connection; nothing else.
// Threads  as the connection.
#pragma once

#include <chrono>
#include <set>
#include <string>

#include "store/model/evidence.h"
#include "store/pg/connection.h"

namespace tlsrpt::store {

struct EvidenceQuestion {
  std::string domain;              // normalised
  std::set<std::string> mx_hosts;  // ours; `tlsa` results are filed under them
  std::chrono::sys_days first_day;
  std::chrono::sys_days last_day;
};

// Rows that nobody vouches for are left out where a vouched row has the same content.
PgResult<Evidence> ReadEvidence(Connection& connection, const EvidenceQuestion& question);

}  // namespace tlsrpt::store
