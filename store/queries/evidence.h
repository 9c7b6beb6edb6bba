// The evidence on one domain: everything its verdict is made of, read from one snapshot,
// so that no row is seen without its neighbours.
//
// Errors   PgError of the connection; a look at the live domain that cannot be read is
//          one too (observations.h), and so is more that is vouched for than
//          EvidenceLimits. What could not be read is never taken for absent.
// Threads  as the connection.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/model/evidence.h"
#include "store/pg/connection.h"

namespace tlsrpt::store {

// How much is read at most, in policy results and, in their turn, in groups of failures
// that look alike: a verdict then takes a second or two and some 200 MB, whoever writes.
struct EvidenceLimits {
  // Five hundred reporters of two policy types on each of a hundred days. Beyond it
  // nothing is decided: what was left out could be what speaks against the domain.
  std::int64_t vouched = 100'000;
  // These decide nothing, and cost a stranger nothing: the newest are told of.
  std::int64_t unvouched = 10'000;
  // Different policies that vouched reports quote, 100 KB each at most. Two months see a
  // few, in as many spellings as there are reporters.
  std::int64_t policy_texts = 1000;
};

struct EvidenceQuestion {
  std::string domain;              // normalised
  std::set<std::string> mx_hosts;  // ours; `tlsa` results are filed under them
  std::chrono::sys_days first_day;
  std::chrono::sys_days last_day;
  // The time that is asked about; later looks are left out. Nothing: the end of last_day.
  std::optional<TimePoint> as_of = {};
  // Only what had been received, seen, waived and muted by then: a copy that came later
  // hides nothing.
  std::optional<TimePoint> known_at = {};
  EvidenceLimits limits = {};
};

// Of rows with the same report_key only those of the copy that counts come back: a
// vouched one where there is one, and of several the one of store::CountsBefore().
//
// Rows of days before `first_day` come back where a waiver reaches into that time: it
// accepts a number of the sessions received since it was made, and all are to be counted.
PgResult<Evidence> ReadEvidence(Connection& connection, const EvidenceQuestion& question);
// The same within a transaction of the caller's, whose first statement was OneSnapshot()
// (store/pg/one_snapshot.h).
Result<Evidence> ReadEvidence(Transaction& tx, const EvidenceQuestion& question);

// Every process that takes reports in, as it last said it was.
std::vector<IntakeState::Node> ReadIntakeNodes(Transaction& tx);

}  // namespace tlsrpt::store
