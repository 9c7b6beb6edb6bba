#include "ingest/report/json_extent.h"

#include <algorithm>

namespace tlsrpt::ingest {
namespace {

// What may stand many times in a row, outside strings.
enum class Run { kNone, kNumber, kBlanks };

Run RunOf(char c) {
  if ((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.' || c == 'e' ||
      c == 'E') {
    return Run::kNumber;
  }
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' ? Run::kBlanks : Run::kNone;
}

}  // namespace

JsonExtent MeasureJson(std::string_view json) {
  JsonExtent extent{.values = 1, .longest_bytes = 0};
  std::size_t depth = 0;
  std::size_t token_at = 0;  // of the string, number or blanks that are being read
  bool in_string = false;
  Run run = Run::kNone;
  const auto token_ends = [&](std::size_t at) {
    extent.longest_bytes = std::max(extent.longest_bytes, at - token_at);
    token_at = at + 1;
  };
  for (std::size_t at = 0; at < json.size(); ++at) {
    const char c = json[at];
    if (in_string) {
      if (c == '\\') {
        ++at;
      } else if (c == '"') {
        in_string = false;
        token_ends(at);
      }
      continue;
    }
    const Run next = RunOf(c);
    if (next != Run::kNone && next == run) continue;
    token_ends(at);
    run = next;
    if (run != Run::kNone) {
      token_at = at;
      continue;
    }
    in_string = c == '"';
    // A first element, and one more behind each comma.
    extent.values += c == '{' || c == '[' || c == ',';
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && (depth == 0 || --depth == 0)) return extent;
  }
  token_ends(json.size());
  return extent;
}

}  // namespace tlsrpt::ingest
