#include "base/net/resolver.h"

#include <cstddef>

namespace tlsrpt::net {

// RFC 1035, 3.3.14: one or more character-strings, each a length octet and its bytes.
std::optional<std::string> TxtOf(std::string_view rdata) {
  if (rdata.empty()) return std::nullopt;
  std::string text;
  text.reserve(rdata.size());
  while (!rdata.empty()) {
    const auto length = static_cast<std::size_t>(static_cast<unsigned char>(rdata[0]));
    if (length > rdata.size() - 1) return std::nullopt;
    text += rdata.substr(1, length);
    rdata.remove_prefix(1 + length);
  }
  return text;
}

}  // namespace tlsrpt::net
