// Makes and revokes tokens of the API.
//
// Errors   PgError of the connection; nothing else.
// Threads  as the connection, which has the role tlsrptd_admin.
#pragma once

#include <string>

#include "store/model/token.h"
#include "store/pg/connection.h"

namespace tlsrpt::store {

PgResult<void> AddToken(Connection& connection, const Token& token);

// False: there is no such token.
PgResult<bool> RemoveToken(Connection& connection, const std::string& token_id);

}  // namespace tlsrpt::store
