#include "store/queries/observations.h"

#include <utility>

#include "store/model/observation_json.h"

namespace tlsrpt::store {
namespace {

Result<Observation> LookOf(const Row& row, const std::string& domain) {
  const auto unreadable = [&](const std::string& why) {
    return Error{ErrorKind::kInternal, "the observation of " + domain + " at " +
                                           std::string(row.Text("observed_at")) +
                                           " cannot be read: " + why};
  };
  auto look = ObservationFromJson(row.Text("document"));
  if (!look) return unreadable(look.error().message);
  // Found by the time of its row, judged by its own.
  if (look->observed_at != row.Timestamp("observed_at")) {
    return unreadable("its document says another time");
  }
  return look;
}

}  // namespace

Result<std::vector<Observation>> ReadLooks(Transaction& tx, const std::string& domain,
                                           std::chrono::sys_days first_day,
                                           TimePoint until) {
  const auto rows =
      tx.Query("evidence_observations", {domain, first_day, until, kMaxLooks + 1});
  if (rows.size() > kMaxLooks) {
    return Error{ErrorKind::kTooLarge, "more than " + std::to_string(kMaxLooks) +
                                           " observations of " + domain +
                                           " differ: look at it less often"};
  }
  std::vector<Observation> looks;
  for (const Row row : rows) {
    auto look = LookOf(row, domain);
    if (!look) return std::move(look).error();
    looks.push_back(std::move(*look));
  }
  return looks;
}

PgResult<std::vector<StoredObservation>> ReadObservationPage(Connection& connection,
                                                             const std::string& domain,
                                                             TimePoint before,
                                                             std::size_t limit) {
  return connection.Transact(
      [&](Transaction& tx) -> Result<std::vector<StoredObservation>> {
        std::vector<StoredObservation> page;
        for (const Row row : tx.Query("observation_page", {domain, before, limit})) {
          auto look = LookOf(row, domain);
          if (!look) return std::move(look).error();
          page.push_back({std::string(row.Text("node")), std::move(*look)});
        }
        return page;
      });
}

}  // namespace tlsrpt::store
