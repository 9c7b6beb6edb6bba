// Changes to whose reports we take: what `tlsrptd domain` and the settings say. With each
// name that is new goes the work of looking again at what was held for it.
//
// Errors   PgError of the connection; kMalformed / kOther for a domain of the demo, which
//          only `tlsrptd demo` adds and removes.
// Threads  as the connection, which has the role tlsrptd_admin or tlsrptd_ingest.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "store/pg/connection.h"

namespace tlsrpt::store {

// `domains`: normalised names, or ".example.net" for every domain below it. `source` is
// "settings" or "command". Those that are there stay as they are.
PgResult<void> AddDomains(Connection& connection, const std::vector<std::string>& domains,
                          const std::string& source, TimePoint now);

// False: it was not there. What is stored about it stays until its retention ends.
PgResult<bool> RemoveDomain(Connection& connection, const std::string& domain);

// Normalised names of MX hosts, each of every domain of ours.
PgResult<void> AddMxHosts(Connection& connection, const std::vector<std::string>& hosts,
                          TimePoint now);

}  // namespace tlsrpt::store
