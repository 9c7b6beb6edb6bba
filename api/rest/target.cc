#include "api/rest/target.h"

#include <optional>
#include <utility>

#include "base/hex_digit.h"
#include "base/text.h"

namespace tlsrpt::api {
namespace {

// In a query "+" is a blank, as browsers write it.
Result<std::string> Decode(std::string_view text, bool plus_is_blank) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      const bool whole = text.size() - i > 2;
      const auto high = whole ? HexDigit(text[i + 1]) : std::nullopt;
      const auto low = whole ? HexDigit(text[i + 2]) : std::nullopt;
      if (!high || !low) {
        return Error{ErrorKind::kMalformed, "a % that no two hexadecimal digits follow"};
      }
      decoded += static_cast<char>(*high * 16 + *low);
      i += 2;
    } else {
      decoded += plus_is_blank && text[i] == '+' ? ' ' : text[i];
    }
    if (decoded.back() == '\0') return Error{ErrorKind::kMalformed, "a NUL in the URL"};
  }
  return decoded;
}

}  // namespace

Result<Target> ParseTarget(std::string_view path, std::string_view query) {
  Target target;
  if (!path.starts_with('/')) {
    return Error{ErrorKind::kMalformed, "the path of the URL must begin with /"};
  }
  if (path != "/") {
    for (const std::string_view raw : Split(path.substr(1), '/')) {
      auto segment = Decode(raw, /*plus_is_blank=*/false);
      if (!segment) return std::move(segment).error();
      if (segment->empty() || *segment == "." || *segment == "..") {
        return Error{ErrorKind::kMalformed,
                     "the path of the URL has an empty segment, or one of dots"};
      }
      target.segments.push_back(std::move(*segment));
    }
  }
  if (query.empty()) return target;
  for (const std::string_view pair : Split(query, '&')) {
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    auto name = Decode(pair.substr(0, equals), true);
    if (!name) return std::move(name).error();
    auto value = Decode(
        equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1),
        true);
    if (!value) return std::move(value).error();
    if (!target.parameters.emplace(*name, std::move(*value)).second) {
      return Error{ErrorKind::kMalformed, "parameter " + *name + " stands twice"};
    }
  }
  return target;
}

}  // namespace tlsrpt::api
