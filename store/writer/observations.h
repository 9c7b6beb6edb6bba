// Looks at the live domain in: what `ingest/probe` found, or a demo has canned.
//
// Errors   PgError of the connection; kTooLarge (as kOther) for a look longer than
//          kMaxObservationBytes, which nobody could read again. kNoPartition: the month
//          of observed_at is not kept.
// Threads  as the connection, which has the role tlsrptd_ingest.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "store/model/observation.h"
#include "store/pg/connection.h"

namespace tlsrpt::store {

struct ObservationRecord {
  std::string policy_domain;  // normalised
  std::string node;           // who looked
  Observation observation;
};

// Inserts `records`, all or none; how many are new. A domain is looked at once at a time:
// a look that is there stays as it is, so that writing again changes nothing.
PgResult<std::size_t> AddObservations(Connection& connection,
                                      std::span<const ObservationRecord> records);

// The same in a transaction that does more.
Result<std::size_t> AddObservations(Transaction& tx,
                                    std::span<const ObservationRecord> records);

}  // namespace tlsrpt::store
