#include "ingest/spool/netstring.h"

#include <cstddef>
#include <cstdint>

#include "base/text.h"

namespace tlsrpt::ingest {

void AppendNetstring(std::string& text, std::string_view bytes) {
  text += std::to_string(bytes.size());
  text += ':';
  text += bytes;
  text += ',';
}

std::optional<std::string_view> TakeNetstring(std::string_view& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::optional<std::uint64_t> length = ParseUnsigned(text.substr(0, colon));
  const std::string_view rest = text.substr(colon + 1);
  if (!length || *length >= rest.size() || rest[*length] != ',') return std::nullopt;
  text = rest.substr(*length + 1);
  return rest.substr(0, *length);
}

}  // namespace tlsrpt::ingest
