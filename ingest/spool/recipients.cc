#include "ingest/spool/recipients.h"

#include <cstddef>
#include <cstdint>

#include "base/text.h"

namespace tlsrpt::ingest {

std::string EncodeRecipients(const std::vector<std::string>& recipients) {
  std::string text;
  for (const std::string& recipient : recipients) {
    text += std::to_string(recipient.size()) + ":" + recipient + ",";
  }
  return text;
}

std::optional<std::vector<std::string>> DecodeRecipients(std::string_view text) {
  std::vector<std::string> recipients;
  while (!text.empty()) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const std::optional<std::uint64_t> length = ParseUnsigned(text.substr(0, colon));
    text.remove_prefix(colon + 1);
    if (!length || *length >= text.size() || text[*length] != ',') return std::nullopt;
    recipients.emplace_back(text.substr(0, *length));
    text.remove_prefix(*length + 1);
  }
  return recipients;
}

}  // namespace tlsrpt::ingest
