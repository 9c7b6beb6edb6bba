#include "store/writer/observations.h"

#include <chrono>
#include <utility>

#include "store/model/observation_content.h"
#include "store/model/observation_json.h"
#include "store/work/work.h"

namespace tlsrpt::store {

Result<std::size_t> AddObservations(Transaction& tx,
                                    std::span<const ObservationRecord> records) {
  std::size_t added = 0;
  EvidenceChange change;
  for (const ObservationRecord& record : records) {
    const Observation& look = record.observation;
    const std::string document = ToJson(look);
    if (document.size() > kMaxObservationBytes) {
      return Error{ErrorKind::kTooLarge,
                   "the look at " + record.policy_domain + " is longer than " +
                       std::to_string(kMaxObservationBytes) + " bytes"};
    }
    change.names.push_back(record.policy_domain);
    added += tx.Query("observation_add",
                      {record.policy_domain, look.observed_at,
                       std::chrono::floor<std::chrono::days>(look.observed_at),
                       look.complete, record.node, ContentOf(look), document})
                 .AffectedRows();
  }
  RequestEvaluation(tx, std::move(change));
  return added;
}

PgResult<std::size_t> AddObservations(Connection& connection,
                                      std::span<const ObservationRecord> records) {
  return connection.Transact(
      [&](Transaction& tx) { return AddObservations(tx, records); });
}

}  // namespace tlsrpt::store
