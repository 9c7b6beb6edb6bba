#include "base/text.h"

#include <algorithm>
#include <cstdint>

namespace tlsrpt {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// Length of the well-formed UTF-8 character (Unicode 15, table 3-7) that starts at
// `at`, or 0.
std::size_t CharacterBytes(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const auto follows = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return byte(i) >= low && byte(i) <= high;
  };
  const unsigned first = byte(at);
  if (first < 0x80) return first == 0 ? 0 : 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(at + 1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const unsigned low = first == 0xE0 ? 0xA0u : 0x80u;   // overlong
    const unsigned high = first == 0xED ? 0x9Fu : 0xBFu;  // surrogates
    return follows(at + 1, low, high) && follows(at + 2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const unsigned low = first == 0xF0 ? 0x90u : 0x80u;   // overlong
    const unsigned high = first == 0xF4 ? 0x8Fu : 0xBFu;  // past U+10FFFF
    return follows(at + 1, low, high) && follows(at + 2) && follows(at + 3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

std::string ToLowerAscii(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = ToLowerAscii(c);
  return lower;
}

bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && StartsWithIgnoreCase(a, b);
}

bool StartsWithIgnoreCase(std::string_view text, std::string_view prefix) {
  if (text.size() < prefix.size()) return false;
  for (std::size_t i = 0; i < prefix.size(); ++i) {
    // Most characters are equal as they are, or in no way.
    if (text[i] != prefix[i] && ToLowerAscii(text[i]) != ToLowerAscii(prefix[i])) {
      return false;
    }
  }
  return true;
}

std::string_view Trim(std::string_view text) {
  // Not find_first_not_of(), which calls memchr for every character.
  while (!text.empty() && IsFws(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsFws(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  parts.reserve(16);  // seldom more; to count them is to go through the text twice
  std::size_t from = 0;
  for (std::size_t at; (at = text.find(separator, from)) != std::string_view::npos;
       from = at + 1) {
    parts.push_back(text.substr(from, at - from));
  }
  parts.push_back(text.substr(from));
  return parts;
}

std::string Join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string joined;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) joined += separator;
    joined += parts[i];
  }
  return joined;
}

std::optional<std::uint64_t> ParseUnsigned(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (value > (UINT64_MAX - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  return value;
}

std::string CleanUtf8(std::string_view text, std::size_t max_bytes, bool* changed) {
  // Most text is ASCII without NUL, and stays as it is.
  const auto is_plain = [](char c) { return c != '\0' && (c & '\x80') == 0; };
  if (text.size() <= max_bytes && std::all_of(text.begin(), text.end(), is_plain)) {
    if (changed != nullptr) *changed = false;
    return std::string(text);
  }
  std::string clean;
  clean.reserve(text.size() < max_bytes ? text.size() : max_bytes);
  bool differs = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = CharacterBytes(text, at);
    const std::string_view next = length > 0 ? text.substr(at, length) : kReplacement;
    differs |= length == 0;
    if (clean.size() + next.size() > max_bytes) {
      differs = true;
      break;
    }
    clean += next;
    at += length > 0 ? length : 1;
  }
  if (changed != nullptr) *changed = differs;
  return clean;
}

std::string ToHex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex(bytes.size() * 2, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    hex[2 * i] = kDigits[byte >> 4];
    hex[2 * i + 1] = kDigits[byte & 15];
  }
  return hex;
}

}  // namespace tlsrpt
