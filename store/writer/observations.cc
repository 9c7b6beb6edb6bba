#include "store/writer/observations.h"

#include <chrono>

#include "store/model/observation_content.h"
#include "store/model/observation_json.h"

namespace tlsrpt::store {

Result<std::size_t> AddObservations(Transaction& tx,
                                    std::span<const ObservationRecord> records) {
  std::size_t added = 0;
  for (const ObservationRecord& record : records) {
    const Observation& look = record.observation;
    const std::string document = ToJson(look);
    if (document.size() > kMaxObservationBytes) {
      return Error{ErrorKind::kTooLarge,
                   "the look at " + record.policy_domain + " is longer than " +
                       std::to_string(kMaxObservationBytes) + " bytes"};
    }
    added += tx.Query("observation_add",
                      {record.policy_domain, look.observed_at,
                       std::chrono::floor<std::chrono::days>(look.observed_at),
                       look.complete, record.node, ContentOf(look), document})
                 .AffectedRows();
  }
  return added;
}

PgResult<std::size_t> AddObservations(Connection& connection,
                                      std::span<const ObservationRecord> records) {
  return connection.Transact(
      [&](Transaction& tx) { return AddObservations(tx, records); });
}

}  // namespace tlsrpt::store
