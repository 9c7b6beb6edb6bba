// Statements that PostgreSQL takes only outside a transaction: CREATE DATABASE.
//
// Errors   kUnavailable with PostgreSQL's message.
// Threads  opens a connection of its own.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace tlsrpt::store {

Result<void> RunOutsideTransaction(const std::string& dsn, const std::string& sql);

// True when a server answers at `dsn`.
bool IsReady(const std::string& dsn);

// The DSN of `database` on the embedded server behind `socket_dir`.
std::string SocketDsn(const std::filesystem::path& socket_dir, int port,
                      const std::string& database);

}  // namespace tlsrpt::store
