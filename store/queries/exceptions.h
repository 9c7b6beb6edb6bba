// What an administrator made different for one domain: waivers and settings.
//
// Errors   PgError of the connection; nothing else.
// Threads  as the connection.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/model/domain_setting.h"
#include "store/model/waiver.h"
#include "store/pg/connection.h"

namespace tlsrpt::store {

// All of a domain, those that ended too, the oldest first.
PgResult<std::vector<Waiver>> ReadWaivers(Connection& connection,
                                          const std::string& domain);
// The same within a transaction of the caller's; errors leave as exceptions.
std::vector<Waiver> ReadWaivers(Transaction& tx, const std::string& domain);

// The newest row of each setting, as it stood at `known_at` (nothing: now), by name.
PgResult<std::vector<DomainSetting>> ReadDomainSettings(
    Connection& connection, const std::string& domain,
    const std::optional<TimePoint>& known_at = std::nullopt);
std::vector<DomainSetting> ReadDomainSettings(Transaction& tx, const std::string& domain,
                                              const std::optional<TimePoint>& known_at);

}  // namespace tlsrpt::store
