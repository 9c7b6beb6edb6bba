#include "store/queries/reporters.h"

#include "base/text.h"

namespace tlsrpt::store {

ReporterProfiles ReadProfiles(Transaction& tx, std::optional<TimePoint> known_at) {
  std::vector<ReporterProfile> added;
  for (const Row row : tx.Query("reporters", {known_at})) {
    ReporterProfile profile;
    profile.reporter = row.Text("reporter");
    profile.name = row.Text("name");
    profile.signing_domains = row.TextArray("signing_domains");
    profile.from_addresses = row.TextArray("from_addresses");
    profile.shipped = false;
    added.push_back(std::move(profile));
  }
  return ReporterProfiles(added);
}

PgResult<ReporterProfiles> ReadProfiles(Connection& connection) {
  return connection.Transact([](Transaction& tx) { return ReadProfiles(tx); });
}

std::vector<Mute> ReadMutes(Transaction& tx) {
  std::vector<Mute> mutes;
  for (const Row row : tx.Query("mutes")) {
    Mute mute;
    mute.reporter = row.Text("reporter");
    mute.who = row.Text("who");
    mute.why = row.Text("why");
    mute.made_at = row.Timestamp("made_at");
    mute.withdrawn_at = row.OptionalTimestamp("withdrawn_at");
    mute.until = row.Date("until");
    mute.id =
        mute.reporter + "/" + std::to_string(mute.made_at.time_since_epoch().count());
    mutes.push_back(std::move(mute));
  }
  return mutes;
}

PgResult<std::vector<Mute>> ReadMutes(Connection& connection) {
  return connection.Transact([](Transaction& tx) { return ReadMutes(tx); });
}

PgResult<std::vector<ReporterActivity>> ReadReporterActivity(
    Connection& connection, std::chrono::sys_days first_day, const std::string& domain) {
  return connection.Transact([&](Transaction& tx) {
    std::vector<ReporterActivity> all;
    for (const Row row : tx.Query("reporter_activity", {first_day, domain})) {
      ReporterActivity& of = all.emplace_back();
      of.reporter = row.Text("reporter");
      of.policy_domain = row.Text("policy_domain");
      of.vouched = row.Bool("vouched");
      for (const std::string& code : row.TextArray("provenances")) {
        of.provenances.push_back(
            static_cast<Provenance>(ParseUnsigned(code).value_or(0)));
      }
      of.reports = row.Int64("reports");
      of.days = row.Int64("days");
      of.from_unknown = row.Int64("from_unknown");
      of.last_day = row.Date("last_day");
      of.last_received_at = row.Timestamp("last_received_at");
      of.dnssec = row.Bool("dnssec");
      of.rsa_bits = row.Int32("rsa_bits");
      of.why = row.Text("why");
      of.sessions = row.Int64("sessions");
      of.most_sessions = row.Int64("most_sessions");
    }
    return all;
  });
}

}  // namespace tlsrpt::store
