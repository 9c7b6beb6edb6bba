#include "ingest/mail/from_address.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "base/character_set.h"
#include "base/text.h"

namespace tlsrpt::ingest {
namespace {

// RFC 5321, 4.5.3.1.3: a path has at most 256 octets.
constexpr std::size_t kMaxAddressBytes = 256;

// The characters that mean nothing but themselves outside of quotes and comments.
constexpr CharacterSet kPlain([](unsigned char c) {
  return c != '\\' && c != '"' && c != '(' && c != ')' && c != '<' && c != '>';
});

// Where those that start at `at` end.
std::size_t EndOfPlain(std::string_view value, std::size_t at) {
  while (at < value.size() && kPlain.Has(value[at])) ++at;
  return at;
}

// "value" without comments and quoted display names; false where its quotes or
// parentheses do not close.
bool StripQuotedAndComments(std::string_view value, std::string* plain) {
  plain->reserve(value.size());
  int depth = 0;
  bool quoted = false;
  bool in_angle = false;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (c == '\\' && (quoted || depth > 0)) {
      if (quoted && in_angle) return false;  // "a\"b"@example: nobody reports so
      ++i;
    } else if (quoted) {
      if (c == '"') quoted = false;
    } else if (c == '"') {
      // A quoted local part could hide an "@"; no reporter has one.
      if (in_angle) return false;
      quoted = true;
    } else if (c == '(') {
      ++depth;
    } else if (c == ')') {
      if (--depth < 0) return false;
    } else if (depth == 0) {
      if (c == '<') in_angle = true;
      if (c == '>') in_angle = false;
      const std::size_t end = EndOfPlain(value, i + 1);
      *plain += value.substr(i, end - i);
      i = end - 1;
    }
  }
  return depth == 0 && !quoted;
}

// What no address holds that is not quoted: RFC 5322, 3.2.3, as far as it would start
// another mailbox, and blanks and control characters.
constexpr CharacterSet kEndsAddress([](unsigned char c) {
  return c <= ' ' || c == ',' || c == ';' || c == ':' || c == '<' || c == '>' ||
         c == '\x7f';
});

}  // namespace

std::string FromAddress(const HeaderBlock& header) {
  if (header.Count("From") != 1) return {};
  std::string plain;
  if (!StripQuotedAndComments(header.Value("From"), &plain)) return {};
  std::string_view text = Trim(plain);
  if (const std::size_t open = text.find('<'); open != std::string_view::npos) {
    const std::size_t close = text.find('>', open);
    if (close != text.size() - 1) return {};
    // Display names may hold anything but what would start another mailbox.
    const auto name = text.substr(0, open);
    const auto starts_another = [](char c) { return c == ',' || c == ';' || c == ':'; };
    if (std::any_of(name.begin(), name.end(), starts_another)) return {};
    text = Trim(text.substr(open + 1, close - open - 1));
  }
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos || at == 0 || at + 1 == text.size() ||
      text.find('@', at + 1) != std::string_view::npos ||
      text.size() > kMaxAddressBytes) {
    return {};
  }
  for (const char c : text) {
    if (kEndsAddress.Has(c)) return {};
  }
  return CleanUtf8(text, kMaxAddressBytes);
}

}  // namespace tlsrpt::ingest
