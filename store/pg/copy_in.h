// The bytes of a COPY ... FROM STDIN that was just begun, sent over libpq itself: libpqxx
// copies line by line, as text.
//
// Errors   pqxx::sql_error with what the server has against them,
//          pqxx::broken_connection; the transaction has failed then.
// Threads  as the connection.
#pragma once

#include <libpq-fe.h>

#include <string_view>

namespace tlsrpt::store::internal {

void SendCopy(PGconn* connection, std::string_view bytes);

}  // namespace tlsrpt::store::internal
