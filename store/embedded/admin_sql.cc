#include "store/embedded/admin_sql.h"

#include <libpq-fe.h>

#include <chrono>
#include <memory>

#include "store/embedded/cluster.h"

namespace tlsrpt::store {

// The kernel takes a connection to a server that is stopped (SIGSTOP, a frozen
// container), which never says a word on it. As for any DSN (store/pg/dsn.cc).
constexpr std::chrono::seconds kConnectSeconds{4};

Result<void> RunOutsideTransaction(const std::string& dsn, const std::string& sql) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(dsn.c_str()),
                                                                PQfinish);
  if (PQstatus(connection.get()) != CONNECTION_OK) {
    return Error{ErrorKind::kUnavailable, PQerrorMessage(connection.get())};
  }
  PQsetNoticeProcessor(
      connection.get(), [](void*, const char*) {}, nullptr);
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(
      PQexec(connection.get(), sql.c_str()), PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    return Error{ErrorKind::kUnavailable, sql + ": " + PQerrorMessage(connection.get())};
  }
  return {};
}

bool IsReady(const std::string& dsn) { return PQping(dsn.c_str()) == PQPING_OK; }

std::string SocketDsn(const std::filesystem::path& socket_dir, int port,
                      const std::string& database) {
  std::string host;
  for (const char c : socket_dir.string()) {
    if (c == '\'' || c == '\\') host.push_back('\\');
    host.push_back(c);
  }
  return "host='" + host + "' port=" + std::to_string(port) + " user=" + kEmbeddedUser +
         " dbname=" + database +
         " connect_timeout=" + std::to_string(kConnectSeconds.count());
}

}  // namespace tlsrpt::store
