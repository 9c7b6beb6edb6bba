#include "base/net/http_message.h"

#include <algorithm>

#include "base/text.h"

namespace tlsrpt::net {
namespace {

// The target without scheme and authority, which say only what Host says too.
std::string_view OriginForm(std::string_view target) {
  if (target.starts_with('/')) return target;
  const std::size_t scheme_end = target.find("://");
  if (scheme_end == target.npos) return target;  // "*", or what no handler knows
  const std::size_t path = target.find_first_of("/?", scheme_end + 3);
  return path == target.npos ? std::string_view("/") : target.substr(path);
}

}  // namespace

bool HttpRequest::HasHeader(std::string_view name) const {
  return std::any_of(headers.begin(), headers.end(), [&](const auto& header) {
    return EqualsIgnoreCase(header.first, name);
  });
}

std::string_view HttpRequest::Header(std::string_view name) const {
  for (const auto& [header, value] : headers) {
    if (EqualsIgnoreCase(header, name)) return value;
  }
  return {};
}

std::string_view HttpRequest::Path() const {
  const std::string_view origin = OriginForm(target);
  return origin.substr(0, origin.find('?'));
}

std::string_view HttpRequest::Query() const {
  const std::string_view origin = OriginForm(target);
  const std::size_t mark = origin.find('?');
  return mark == origin.npos ? std::string_view() : origin.substr(mark + 1);
}

}  // namespace tlsrpt::net
