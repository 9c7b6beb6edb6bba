#include "ingest/report/json_mend.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <optional>

#include "base/text.h"

namespace tlsrpt::ingest {
namespace {

constexpr std::string_view kEscapes = "\"\\/bfnrtu";
// Half a million invalid bytes are no report with a few bad ones; such a text is cut,
// and is no JSON then.
constexpr std::size_t kMaxGrowthBytes = 1u << 20;
constexpr std::string_view kNumberCharacters = "+-.0123456789Ee";

// The code unit of "\uXXXX" at `at`.
std::optional<unsigned> UnicodeEscape(std::string_view json, std::size_t at) {
  if (json.substr(at, 2) != "\\u" || json.size() - at < 6) return std::nullopt;
  unsigned unit = 0;
  for (const char c : json.substr(at + 2, 4)) {
    const char lower = ToLowerAscii(c);
    if (lower >= '0' && lower <= '9') {
      unit = unit << 4 | static_cast<unsigned>(lower - '0');
    } else if (lower >= 'a' && lower <= 'f') {
      unit = unit << 4 | static_cast<unsigned>(lower - 'a' + 10);
    } else {
      return std::nullopt;
    }
  }
  return unit;
}

bool IsHighSurrogate(unsigned unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool IsLowSurrogate(unsigned unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

// Appends the escape at `at` as JSON knows it; gives how many bytes it took.
std::size_t AppendEscape(std::string_view json, std::size_t at, std::string* out) {
  const char next = at + 1 < json.size() ? json[at + 1] : '\0';
  if (kEscapes.find(next) == std::string_view::npos) {
    *out += "\\\\";
    return 1;
  }
  if (next != 'u') {
    *out += json.substr(at, 2);
    return 2;
  }
  const std::optional<unsigned> unit = UnicodeEscape(json, at);
  if (!unit) {
    *out += "\\\\";
    return 1;
  }
  const std::optional<unsigned> after = UnicodeEscape(json, at + 6);
  if (IsHighSurrogate(*unit) && after && IsLowSurrogate(*after)) {
    *out += json.substr(at, 12);
    return 12;
  }
  if (IsHighSurrogate(*unit) || IsLowSurrogate(*unit)) {
    *out += "\\ufffd";
  } else {
    *out += json.substr(at, 6);
  }
  return 6;
}

void AppendNumber(const std::string& number, std::string* out) {
  if (std::isinf(std::strtod(number.c_str(), nullptr))) {
    *out += number.front() == '-' ? "-1e300" : "1e300";
  } else {
    *out += number;
  }
}

}  // namespace

std::string MendJson(std::string_view json) {
  // Every invalid byte becomes three.
  const std::string clean = CleanUtf8(json, json.size() + kMaxGrowthBytes);
  const std::string_view in = clean;
  std::string out;
  out.reserve(in.size());
  bool in_string = false;
  for (std::size_t at = 0; at < in.size();) {
    const char c = in[at];
    if (in_string && c == '\\') {
      at += AppendEscape(in, at, &out);
    } else if (in_string) {
      if (c == '"') in_string = false;
      out += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
      ++at;
    } else if (c == '-' || (c >= '0' && c <= '9')) {
      const std::size_t end =
          std::min(in.find_first_not_of(kNumberCharacters, at), in.size());
      AppendNumber(std::string(in.substr(at, end - at)), &out);
      at = end;
    } else {
      in_string = c == '"';
      out += c;
      ++at;
    }
  }
  return out;
}

std::size_t EndOfFirstValue(std::string_view json) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t at = 0; at < json.size(); ++at) {
    const char c = json[at];
    if (in_string) {
      if (c == '\\') ++at;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return at + 1;
    }
  }
  return json.size();
}

}  // namespace tlsrpt::ingest
