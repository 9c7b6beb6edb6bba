// Why a request is not answered: an HTTP status and a sentence, which become a problem
// document (RFC 9457). Kinds of errors become a status by base/error_table.h.
//
// What PostgreSQL said is for the log (`log`), never for the client.
//
// Threads  values.
#pragma once

#include <boost/system/result.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/error_table.h"
#include "base/result.h"
#include "store/pg/pg_error.h"

namespace tlsrpt::api {

struct Refusal {
  int status = 500;
  std::string detail;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string log = {};  // what the administrator should know of it; empty: nothing

  Refusal() = default;  // what boost::system::result asks for
  Refusal(int with_status, std::string with_detail)
      : status(with_status), detail(std::move(with_detail)) {}
  // The message of an Error was written for whoever asked, but for our own bugs.
  Refusal(Error error) : status(RowOf(error.kind).rest_status) {
    const bool ours = error.kind == ErrorKind::kInternal;
    detail = ours ? kOurs : error.message;
    if (ours) log = std::move(error.message);
  }
  Refusal(store::PgError error) : status(RowOf(error.error.kind).rest_status) {
    // Not PostgreSQL's word but a limit of ours on what an answer is made of. Nothing in
    // the request is too large, which is what 413 would say.
    if (error.error.kind == ErrorKind::kTooLarge) {
      status = 503;
      detail = std::move(error.error.message);
      return;
    }
    // A sentence of our own about a value: PostgreSQL had no say.
    if (error.error.kind == ErrorKind::kMalformed && error.sqlstate.empty()) {
      detail = std::move(error.error.message);
      return;
    }
    detail = error.error.kind == ErrorKind::kUnavailable
                 ? "the database is away or busy; try again"
             : error.error.kind == ErrorKind::kMalformed
                 ? "the database takes no such value"
                 : kOurs;
    log = std::move(error.error.message);
  }

  static constexpr const char* kOurs = "an error of the server; its log says more";
};

template <class T>
using Rest = boost::system::result<T, Refusal>;

[[noreturn]] inline void throw_exception_from_error(const Refusal& refusal,
                                                    const boost::source_location& at) {
  throw_exception_from_error(Error{ErrorKind::kInternal, refusal.detail}, at);
}

}  // namespace tlsrpt::api
