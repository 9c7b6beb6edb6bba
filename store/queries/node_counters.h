// What one node has counted since the database began; names as store/writer gives them.
//
// Errors   PgError of the connection; nothing else.
// Threads  as the connection.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "store/pg/connection.h"

namespace tlsrpt::store {

PgResult<std::map<std::string, std::int64_t>> ReadNodeCounters(Connection& connection,
                                                               const std::string& node);

}  // namespace tlsrpt::store
