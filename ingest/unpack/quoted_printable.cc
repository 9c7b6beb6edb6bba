#include "ingest/unpack/quoted_printable.h"

#include <cstddef>

#include "base/hex_digit.h"

namespace tlsrpt::ingest {
namespace {

// One line, without its end. True when it ends in a soft line break.
bool AppendLine(std::string_view line, std::string* out) {
  // RFC 2045, 6.7 (3): blanks at the end were added on the way.
  line = line.substr(0, line.find_last_not_of(" \t") + 1);
  const bool soft = line.ends_with('=');
  if (soft) line.remove_suffix(1);
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool escape = line[i] == '=' && line.size() - i > 2;
    const auto high = escape ? HexDigit(line[i + 1]) : std::nullopt;
    const auto low = escape ? HexDigit(line[i + 2]) : std::nullopt;
    if (high && low) {
      *out += static_cast<char>(*high * 16 + *low);
      i += 2;
    } else {
      *out += line[i];
    }
  }
  return soft;
}

}  // namespace

std::string DecodeQuotedPrintable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t newline = text.find('\n');
    std::string_view line = text.substr(0, newline);
    const bool last = newline == std::string_view::npos;
    text.remove_prefix(last ? text.size() : newline + 1);
    const bool crlf = line.ends_with('\r');
    if (crlf) line.remove_suffix(1);
    const bool soft = AppendLine(line, &out);
    if (!soft && !last) out += crlf ? "\r\n" : "\n";
  }
  return out;
}

}  // namespace tlsrpt::ingest
