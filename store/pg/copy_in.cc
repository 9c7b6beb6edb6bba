#include "store/pg/copy_in.h"

#include <algorithm>
#include <memory>

#include "store/pg/pqxx_compat.h"

namespace tlsrpt::store::internal {
namespace {

// At a time: libpq copies them into its own buffer.
constexpr std::size_t kChunkBytes = 64u << 10;

using PgResult = std::unique_ptr<PGresult, void (*)(PGresult*)>;

[[noreturn]] void ThrowBroken(PGconn* connection) {
  throw pqxx::broken_connection(PQerrorMessage(connection));
}

}  // namespace

void SendCopy(PGconn* connection, std::string_view bytes) {
  while (!bytes.empty()) {
    const std::string_view chunk = bytes.substr(0, kChunkBytes);
    if (PQputCopyData(connection, chunk.data(), static_cast<int>(chunk.size())) != 1) {
      ThrowBroken(connection);
    }
    bytes.remove_prefix(chunk.size());
  }
  if (PQputCopyEnd(connection, nullptr) != 1) ThrowBroken(connection);

  // The outcome, and then a null pointer: only after that is the connection free again.
  PgResult outcome(PQgetResult(connection), PQclear);
  while (PGresult* more = PQgetResult(connection)) PQclear(more);
  if (PQresultStatus(outcome.get()) == PGRES_COMMAND_OK) return;
  if (PQstatus(connection) == CONNECTION_BAD) ThrowBroken(connection);
  const char* sqlstate = PQresultErrorField(outcome.get(), PG_DIAG_SQLSTATE);
  throw pqxx::sql_error(PQresultErrorMessage(outcome.get()), "COPY", sqlstate);
}

}  // namespace tlsrpt::store::internal
