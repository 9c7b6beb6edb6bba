// Where the next page of a list begins: the key of the last row of this one, as opaque
// text. A key, not a number of rows: rows that come in meanwhile move nothing.
//
//   cursor = base64url( JSON [ list, key part, ... ] )
//
// It names its list, so that a cursor of another list is refused instead of misread. It
// is not secret and not signed: it chooses where to begin among what the caller may see,
// and its key must be one of that.
//
// Errors   kMalformed: no cursor of that list.
// Threads  pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tlsrpt::api {

std::string MakeCursor(std::string_view list, const std::vector<std::string>& key);

// The key, of exactly `parts` parts.
Result<std::vector<std::string>> ReadCursor(std::string_view list, std::size_t parts,
                                            std::string_view cursor);

}  // namespace tlsrpt::api
