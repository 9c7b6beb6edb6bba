#include "ingest/mail/header_block.h"

#include <algorithm>

#include "base/text.h"

namespace tlsrpt::ingest {
namespace {

// RFC 5322, 3.6.8: printable ASCII but ":". Blanks before the colon are of RFC 822.
// `name`: what stands before the colon.
std::string_view FieldName(std::string_view name) {
  while (name.ends_with(' ') || name.ends_with('\t')) name.remove_suffix(1);
  for (const char c : name) {
    if (c <= ' ' || c > '~') return {};
  }
  return name;
}

// A mail is asked for some thirty names; most fields differ in length already.
bool IsNamed(const HeaderField& field, std::string_view name) {
  return field.name.size() == name.size() && EqualsIgnoreCase(field.name, name);
}

}  // namespace

const HeaderField* HeaderBlock::Find(std::string_view name) const {
  for (const HeaderField& field : fields) {
    if (IsNamed(field, name)) return &field;
  }
  return nullptr;
}

std::size_t HeaderBlock::Count(std::string_view name) const {
  std::size_t count = 0;
  for (const HeaderField& field : fields) {
    if (IsNamed(field, name)) ++count;
  }
  return count;
}

std::string HeaderBlock::Value(std::string_view name) const {
  const HeaderField* field = Find(name);
  return field != nullptr ? Unfold(field->value) : std::string();
}

HeaderBlock ReadHeaderBlock(std::string_view text) {
  HeaderBlock block;
  // Few mails have more; and from 1 KB on malloc takes seven times as long.
  block.fields.reserve(20);
  std::size_t at = 0;
  std::size_t kept_bytes = 0;
  while (at < text.size()) {
    // A field is a line and those after it that start with a blank.
    std::size_t end = at;
    do {
      end = text.find('\n', end);
      end = end == std::string_view::npos ? text.size() : end + 1;
    } while (end < text.size() && (text[end] == ' ' || text[end] == '\t'));
    const std::string_view field = text.substr(at, end - at);
    at = end;
    if (field.size() > kMaxFieldBytes) {
      block.cut = true;
      continue;
    }
    kept_bytes += field.size();
    if (kept_bytes > kMaxHeaderBytes) {
      block.cut = true;
      break;
    }
    const std::size_t colon = field.find(':');
    const bool has_colon = colon != std::string_view::npos;
    const std::string_view name =
        has_colon ? FieldName(field.substr(0, colon)) : std::string_view();
    if (name.empty()) {
      block.stray |= field.data() != text.data() || !field.starts_with("From ");
      continue;
    }
    block.fields.push_back({name, field.substr(colon + 1), field});
  }
  return block;
}

std::string Unfold(std::string_view value) {
  value = Trim(value);
  std::string unfolded;
  unfolded.reserve(value.size());
  while (!value.empty()) {
    const std::size_t newline = std::min(value.find('\n'), value.size());
    std::string_view line = value.substr(0, newline);
    if (line.ends_with('\r')) line.remove_suffix(1);
    unfolded += line;
    value.remove_prefix(std::min(newline + 1, value.size()));
  }
  // One that stands alone.
  if (unfolded.find('\r') != std::string::npos) std::erase(unfolded, '\r');
  return unfolded;
}

}  // namespace tlsrpt::ingest
