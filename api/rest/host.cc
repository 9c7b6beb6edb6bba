#include "api/rest/host.h"

#include "base/text.h"

namespace tlsrpt::api {

std::string HostNameOf(std::string_view host) {
  const std::size_t from = host.starts_with('[') ? host.find(']') : 0;
  if (from == std::string_view::npos) return ToLowerAscii(host);
  return ToLowerAscii(host.substr(0, host.find(':', from)));
}

bool IsOurHost(std::string_view host, const std::set<std::string>& names) {
  const std::string name = HostNameOf(Trim(host));
  return name == "localhost" || name == "127.0.0.1" || name == "[::1]" ||
         names.contains(name);
}

bool IsSameOrigin(std::string_view origin, std::string_view host) {
  if (origin.empty()) return true;
  const std::size_t scheme = origin.find("://");
  return scheme != std::string_view::npos &&
         EqualsIgnoreCase(origin.substr(scheme + 3), Trim(host));
}

}  // namespace tlsrpt::api
