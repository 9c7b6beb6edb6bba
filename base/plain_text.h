// Words of an administrator that stand in a line: of a list, of a verdict, of the log.
// A control character would end the line, or tell the terminal what to do.
//
// Errors   kMalformed, with what is expected; the caller names the word.
// Threads  pure functions.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"

namespace tlsrpt {

// As long as a name in DNS; more is no name.
inline constexpr std::size_t kMaxNameBytes = 255;

// Whether `text` holds no control character: C0, which line breaks are of, and DEL.
Result<void> CheckOneLine(std::string_view text);

// Whether `text` is a name besides: neither empty nor longer than kMaxNameBytes.
Result<void> CheckName(std::string_view text);

}  // namespace tlsrpt
