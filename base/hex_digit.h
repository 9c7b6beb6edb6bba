// One hexadecimal digit, as URLs, quoted-printable and identifiers have it, in either
// case.
//
// Threads  pure.
#pragma once

#include <optional>

namespace tlsrpt {

// Its value, or nothing for what is no digit.
constexpr std::optional<unsigned> HexDigit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  return std::nullopt;
}

}  // namespace tlsrpt
