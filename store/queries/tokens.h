// The tokens of the API, as they are stored.
//
// Errors   PgError of the connection; nothing else.
// Threads  as the connection.
#pragma once

#include <vector>

#include "store/model/token.h"
#include "store/pg/connection.h"

namespace tlsrpt::store {

// All of them: they are made by hand, and few.
PgResult<std::vector<Token>> ReadTokens(Connection& connection);

}  // namespace tlsrpt::store
