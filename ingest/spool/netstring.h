// Netstrings: bytes with their length in front, so that any byte may be in them.
//
//   netstring = length ":" bytes ","           ; length in bytes, decimal
//
// Threads  pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tlsrpt::ingest {

void AppendNetstring(std::string& text, std::string_view bytes);

// Takes the first netstring off the front of `text`. Nothing, and `text` as it was, if
// it does not begin with one that AppendNetstring() writes.
std::optional<std::string_view> TakeNetstring(std::string_view& text);

}  // namespace tlsrpt::ingest
