// What went wrong in PostgreSQL, sorted by what the caller does next.
//
// Threads  values and pure functions.
#pragma once

#include <boost/system/result.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tlsrpt::store {

enum class PgFailure {
  // Away, too busy, a deadlock, a server going down: the transaction left nothing
  // behind. Do the whole of it again, later.
  kRetry,
  // The connection died during COMMIT: it may have happened or not. Do the same again;
  // what is written must stand a second time (DESIGN 5, "once in effect").
  kCommitUnknown,
  // A value that the database refuses (SQLSTATE 22*, 23*, 54*). Split the batch until the
  // bad one is alone.
  kBadData,
  // No partition for a row's day. The rows are good: keep them, make the partition.
  kNoPartition,
  // Our bug, or a database set up wrong: missing table, missing grant.
  kOther,
};

struct PgError {
  Error error;           // kUnavailable, kMalformed (kBadData) or kInternal (kOther)
  std::string sqlstate;  // "23505"; empty where PostgreSQL had no say
  PgFailure what = PgFailure::kOther;
};

template <class T>
using PgResult = boost::system::result<T, PgError>;

[[noreturn]] inline void throw_exception_from_error(const PgError& error,
                                                    const boost::source_location& at) {
  throw_exception_from_error(error.error, at);
}

// Sorts an error that PostgreSQL reported. `message` is libpq's: "ERROR:  ...", with its
// DETAIL and HINT lines.
PgError ErrorOfSqlstate(std::string_view sqlstate, std::string_view message);

std::string_view NameOf(PgFailure what);

}  // namespace tlsrpt::store
