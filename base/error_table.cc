#include "base/error_table.h"

#include <iterator>

namespace tlsrpt {
namespace {

constexpr ErrorRow kRows[] = {
    {ErrorKind::kMalformed, "malformed", 501, "5.5.2", 400, 400, LogLevel::kInfo},
    {ErrorKind::kTooLarge, "too_large", 552, "5.3.4", 413, 413, LogLevel::kInfo},
    {ErrorKind::kUnauthentic, "unauthentic", 0, "", 0, 401, LogLevel::kInfo},
    {ErrorKind::kNotFound, "not_found", 550, "5.1.1", 404, 404, LogLevel::kInfo},
    {ErrorKind::kUnavailable, "unavailable", 451, "4.3.0", 503, 503, LogLevel::kWarning},
    {ErrorKind::kInternal, "internal", 451, "4.3.0", 500, 500, LogLevel::kError},
};

}  // namespace

const ErrorRow& RowOf(ErrorKind kind) {
  for (const ErrorRow& row : kRows) {
    if (row.kind == kind) return row;
  }
  return kRows[std::size(kRows) - 1];
}

}  // namespace tlsrpt
