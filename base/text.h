// Small text helpers that every room needs. ASCII only: the protocols here fold
// case and blanks in ASCII, and a locale would make the same bytes mean two things.
//
// Threads  pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tlsrpt {

constexpr char ToLowerAscii(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
std::string ToLowerAscii(std::string_view text);
bool EqualsIgnoreCase(std::string_view a, std::string_view b);
bool StartsWithIgnoreCase(std::string_view text, std::string_view prefix);

// Of folding white space (RFC 5322, 3.2.2): blank, tab, CR or LF.
constexpr bool IsFws(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// `text` without leading and trailing blanks, tabs, CR and LF.
std::string_view Trim(std::string_view text);

std::vector<std::string_view> Split(std::string_view text, char separator);
std::string Join(const std::vector<std::string>& parts, std::string_view separator);

// A whole unsigned decimal number, or nothing: no sign, no blanks, no overflow.
std::optional<std::uint64_t> ParseUnsigned(std::string_view text);

// Text that PostgreSQL and a browser take: invalid UTF-8 and NUL become U+FFFD, and
// what lies past `max_bytes` is cut at a character. Sets `*changed` if it differs.
std::string CleanUtf8(std::string_view text, std::size_t max_bytes,
                      bool* changed = nullptr);

// Lower-case hexadecimal.
std::string ToHex(std::string_view bytes);

}  // namespace tlsrpt
