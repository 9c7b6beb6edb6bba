// The connection string of the administrator, completed with what every session of ours
// needs.
//
// Threads  pure functions.
#pragma once

#include <string>

#include "base/result.h"
#include "store/pg/connection.h"

namespace tlsrpt::store {

// libpq's keyword form of `options.dsn` and everything else in `options`. kMalformed for
// a DSN that libpq cannot read; the message does not quote it, for it may hold a
// password.
Result<std::string> CompleteDsn(const ConnectOptions& options);

// `dsn` with `password` in it. kMalformed for a DSN that libpq cannot read, and for one
// that has a password already: which of the two holds would be a guess.
Result<std::string> WithPassword(const std::string& dsn, const std::string& password);

// "host=db.example port=5432 dbname=tlsrptd user=tlsrptd": what may be shown.
std::string DescribeDsn(const std::string& dsn);

}  // namespace tlsrpt::store
