#include "store/queries/exceptions.h"

namespace tlsrpt::store {

std::vector<Waiver> ReadWaivers(Transaction& tx, const std::string& domain) {
  std::vector<Waiver> waivers;
  for (const Row row : tx.Query("waivers", {domain})) {
    Waiver& waiver = waivers.emplace_back();
    waiver.id = row.Text("waiver_id");
    waiver.reporter = row.Text("reporter");
    waiver.result_type = row.Text("result_type");
    waiver.mx = row.Text("mx");
    waiver.reason = row.Text("reason");
    waiver.who = row.Text("who");
    waiver.why = row.Text("why");
    waiver.made_at = row.Timestamp("made_at");
    waiver.withdrawn_at = row.OptionalTimestamp("withdrawn_at");
    waiver.withdrawn_by = row.Text("withdrawn_by");
    waiver.until = row.OptionalDate("until");
    waiver.max_sessions = row.OptionalInt64("max_sessions");
  }
  return waivers;
}

PgResult<std::vector<Waiver>> ReadWaivers(Connection& connection,
                                          const std::string& domain) {
  return connection.Transact([&](Transaction& tx) { return ReadWaivers(tx, domain); });
}

std::vector<DomainSetting> ReadDomainSettings(Transaction& tx, const std::string& domain,
                                              const std::optional<TimePoint>& known_at) {
  std::vector<DomainSetting> settings;
  for (const Row row : tx.Query("domain_settings", {domain, known_at})) {
    settings.push_back({std::string(row.Text("plain_name")),
                        std::string(row.Text("name")), row.OptionalText("value"),
                        row.Timestamp("set_at"), std::string(row.Text("set_by"))});
  }
  return settings;
}

PgResult<std::vector<DomainSetting>> ReadDomainSettings(
    Connection& connection, const std::string& domain,
    const std::optional<TimePoint>& known_at) {
  return connection.Transact(
      [&](Transaction& tx) { return ReadDomainSettings(tx, domain, known_at); });
}

}  // namespace tlsrpt::store
