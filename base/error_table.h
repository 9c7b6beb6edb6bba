// What each ErrorKind means at each border of the program. The only copy.
#pragma once

#include <string_view>

#include "base/result.h"

namespace tlsrpt {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

struct ErrorRow {
  ErrorKind kind;
  std::string_view name;
  // RFC 5321 reply code and RFC 3463 enhanced code, in a session. kUnauthentic is
  // decided after the session and has none.
  int smtp_code;
  std::string_view smtp_enhanced;
  int http_intake_status;
  int rest_status;
  LogLevel log_level;
};

// The row of `kind`. Never fails: every kind has one.
const ErrorRow& RowOf(ErrorKind kind);

}  // namespace tlsrpt
