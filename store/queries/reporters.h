// Who reports: the profiles in force, the mutes, and what each reporter sent lately.
//
// Errors   PgError of the connection; nothing else.
// Threads  as the connection.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/model/mute.h"
#include "store/model/reporter.h"
#include "store/model/vocabulary.h"
#include "store/pg/connection.h"

namespace tlsrpt::store {

// The shipped profiles with those of the database.
PgResult<ReporterProfiles> ReadProfiles(Connection& connection);
// The same within a transaction of the caller's, as they stood at `known_at`, empty for
// now; errors leave as exceptions.
ReporterProfiles ReadProfiles(Transaction& tx,
                              std::optional<TimePoint> known_at = std::nullopt);

// All, those that ended too.
PgResult<std::vector<Mute>> ReadMutes(Connection& connection);
// The same within a transaction of the caller's; errors leave as exceptions.
std::vector<Mute> ReadMutes(Transaction& tx);

// What one reporter said of one domain.
struct ReporterActivity {
  std::string reporter;  // empty where nobody vouches, or an operator named nobody
  std::string policy_domain;
  bool vouched = false;
  std::vector<Provenance> provenances;
  std::int64_t reports = 0;
  std::int64_t days = 0;          // with a report
  std::int64_t from_unknown = 0;  // reports from an address the profile does not have
  std::chrono::sys_days last_day;
  TimePoint last_received_at;
  bool dnssec = false;        // of any key
  std::int32_t rsa_bits = 0;  // of the shortest RSA key; 0: none
  std::string why;            // why nobody vouches: one of the reasons
  std::int64_t sessions = 0;
  std::int64_t most_sessions = 0;  // of a day
};

// Since `first_day`; `domain` empty for all. By reporter, then domain.
PgResult<std::vector<ReporterActivity>> ReadReporterActivity(
    Connection& connection, std::chrono::sys_days first_day, const std::string& domain);

}  // namespace tlsrpt::store
