// What a function that can fail gives back, and who acts on the failure.
//
// An Error carries a kind, named after what happens next rather than after what
// went wrong, and a message for the log or the administrator. base/error_table.h
// turns a kind into an SMTP reply, an HTTP status, a spool action and a log level;
// nobody invents a reply elsewhere.
//
// Threads  values; no sharing.
#pragma once

#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>
#include <utility>

namespace tlsrpt {

enum class ErrorKind {
  kMalformed,    // wrong bytes, for ever: quarantine
  kTooLarge,     // a limit of ours: quarantine
  kUnauthentic,  // not proven: store, never counts
  kNotFound,     // no such thing
  kUnavailable,  // disk, PostgreSQL, DNS: keep, back off, try again
  kInternal,     // our bug: keep, count
};

struct Error {
  ErrorKind kind;
  std::string message;
};

template <class T>
using Result = boost::system::result<T, Error>;

// Puts `context` in front of the message: "reading a.eml: gzip: cut short".
inline Error Wrap(Error error, const std::string& context) {
  error.message = context + ": " + error.message;
  return error;
}

// Called by boost::system::result::value() on an error. Reaching it is our bug: the
// caller did not look before it took the value.
[[noreturn]] inline void throw_exception_from_error(const Error& error,
                                                    const boost::source_location&) {
  throw std::logic_error("unchecked error: " + error.message);
}

}  // namespace tlsrpt
