// Makes JSON of text that is nearly JSON, where there is only one way to read it.
//
// Threads  pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tlsrpt::ingest {

// Inside strings: control characters become blanks, escapes that JSON does not know
// keep their backslash, half surrogates and invalid UTF-8 become U+FFFD. Outside:
// numbers too large for a double become 1e300. Nothing else is touched, so what was a
// member stays one, and what was none does not become one.
std::string MendJson(std::string_view json);

// Where the first value of `json` ends, which is an object or an array that has been
// read to its end.
std::size_t EndOfFirstValue(std::string_view json);

}  // namespace tlsrpt::ingest
