#include "ingest/dkim/received_by.h"

#include <cstddef>
#include <vector>

#include "base/text.h"

namespace tlsrpt::ingest {
namespace {

// A trace line has some dozen words; a longer one is not read.
constexpr std::size_t kMaxWords = 50;

// The words before ";", without comments. Empty where they cannot be told: quotes, or a
// comment that does not close.
std::vector<std::string_view> Words(std::string_view value) {
  std::vector<std::string_view> words;
  std::size_t from = std::string_view::npos;  // of the word that is being read
  const auto end_word = [&](std::size_t at) {
    if (from != std::string_view::npos) words.push_back(value.substr(from, at - from));
    from = std::string_view::npos;
  };
  int depth = 0;
  for (std::size_t i = 0; i < value.size() && words.size() < kMaxWords; ++i) {
    const char c = value[i];
    if (depth > 0 && c == '\\') {
      ++i;
    } else if (c == '(') {
      end_word(i);
      ++depth;
    } else if (c == ')') {
      if (--depth < 0) return {};
    } else if (depth > 0) {
      continue;
    } else if (c == '"') {
      return {};
    } else if (c == ';') {
      end_word(i);
      return words;
    } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      end_word(i);
    } else if (from == std::string_view::npos) {
      from = i;
    }
  }
  if (depth > 0 || words.size() == kMaxWords) return {};
  end_word(value.size());
  return words;
}

}  // namespace

std::string ReceivedBy(std::string_view value) {
  const std::vector<std::string_view> words = Words(value);
  std::string_view host;
  int found = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!EqualsIgnoreCase(words[i], "by")) continue;
    if (++found == 1 && i + 1 < words.size()) host = words[i + 1];
  }
  return found == 1 ? ToLowerAscii(host) : std::string();
}

}  // namespace tlsrpt::ingest
