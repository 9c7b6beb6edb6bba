// <cstdint> first: mimetic.h uses its types without including it (g++ 14).
#include <cstdint>

#include "ingest/unpack/content_field.h"

#include <mimetic/contentdisposition.h>
#include <mimetic/contenttype.h>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include "base/character_set.h"
#include "base/text.h"
#include "ingest/mail/header_block.h"

namespace tlsrpt::ingest {
namespace {

// A real field has two to four.
constexpr std::size_t kMaxParameters = 32;
// RFC 2046, 5.1.1 allows 70; nobody is near this.
constexpr std::size_t kMaxBoundaryBytes = 200;
constexpr std::size_t kMaxNameBytes = 255;

// A value in which quoted strings have been replaced by a mark, comments and control
// characters by a blank, and nothing is left that mimetic reads wrongly.
struct PlainValue {
  std::string text;
  // What is in them, by the number in the mark; of the value, as it was sent.
  std::vector<std::string_view> quoted;
};

// Cannot be in a value: control characters are blanks by then.
constexpr char kMark = '\x01';

// Where the comment that starts at `at` ends (RFC 5322, 3.2.2; they nest).
std::size_t SkipComment(std::string_view value, std::size_t at) {
  int depth = 0;
  for (; at < value.size(); ++at) {
    if (value[at] == '\\') {
      ++at;
    } else if (value[at] == '(') {
      ++depth;
    } else if (value[at] == ')' && --depth == 0) {
      return at;
    }
  }
  return at;
}

// Where the quoted string ends whose contents start at `at`.
std::size_t EndOfQuoted(std::string_view value, std::size_t at) {
  // Its first quote, as nearly always: there is no backslash that could stand before it.
  const std::size_t quote = std::min(value.find('"', at), value.size());
  if (value.substr(at, quote - at).find('\\') == std::string_view::npos) return quote;
  while (at < value.size() && value[at] != '"') at += value[at] == '\\' ? 2 : 1;
  return std::min(at, value.size());
}

// The characters that mean nothing but themselves.
constexpr CharacterSet kPlain([](unsigned char c) {
  return c >= ' ' && c != '(' && c != '"' && c != ';';
});

// Where those that start at `at` end.
std::size_t EndOfPlain(std::string_view value, std::size_t at) {
  while (at < value.size() && kPlain.Has(value[at])) ++at;
  return at;
}

PlainValue MakePlain(std::string_view value) {
  PlainValue plain;
  plain.text.reserve(value.size());
  plain.quoted.reserve(4);  // more than a report's mail has
  std::size_t parameters = 0;
  for (std::size_t at = 0; at < value.size(); ++at) {
    const char c = value[at];
    if (c == '(') {
      at = SkipComment(value, at);
      plain.text += ' ';
    } else if (c == '"') {
      const std::size_t from = at + 1;
      at = EndOfQuoted(value, from);
      plain.text += kMark;
      plain.text += std::to_string(plain.quoted.size());
      plain.quoted.push_back(value.substr(from, at - from));
    } else if (c == ';') {
      if (++parameters > kMaxParameters) break;
      plain.text += c;
    } else if (static_cast<unsigned char>(c) < ' ') {
      plain.text += ' ';
    } else {
      const std::size_t end = EndOfPlain(value, at);
      plain.text += value.substr(at, end - at);
      at = end - 1;
    }
  }
  return plain;
}

// Without the backslashes that say: the next character as it is (RFC 5322, 3.2.1).
std::string Unquote(std::string_view content) {
  if (content.find('\\') == std::string_view::npos) return std::string(content);
  std::string text;
  for (std::size_t at = 0; at < content.size(); ++at) {
    if (content[at] == '\\' && at + 1 < content.size()) ++at;
    text += content[at];
  }
  return text;
}

std::string Restore(std::string_view value, const PlainValue& plain) {
  value = Trim(value);
  if (value.starts_with(kMark)) {
    const auto index = ParseUnsigned(value.substr(1));
    if (index && *index < plain.quoted.size()) return Unquote(plain.quoted[*index]);
  }
  return std::string(value);
}

std::string_view ViewOf(const mimetic::istring& text) {
  return Trim(std::string_view(text.data(), text.size()));
}

// Mimetic's list, at most kMaxParameters.
class Parameters {
 public:
  // Both must outlive it.
  Parameters(const mimetic::FieldParamList& list, const PlainValue& plain)
      : list_(list), plain_(plain) {}

  // The value of the first of that name, in any case; nothing if there is none.
  std::optional<std::string> Find(std::string_view name) const {
    for (const mimetic::FieldParam& parameter : list_) {
      if (EqualsIgnoreCase(ViewOf(parameter.name()), name)) {
        return Restore(parameter.value(), plain_);
      }
    }
    return std::nullopt;
  }

  // Whether there is one whose name begins so.
  bool HasAnyOf(std::string_view start) const {
    return std::any_of(list_.begin(), list_.end(),
                       [&](const mimetic::FieldParam& parameter) {
                         return StartsWithIgnoreCase(ViewOf(parameter.name()), start);
                       });
  }

 private:
  const mimetic::FieldParamList& list_;
  const PlainValue& plain_;
};

std::string PercentDecode(std::string_view text) {
  const auto digit = [](char c) {
    c = ToLowerAscii(c);
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && text.size() - i > 2 && digit(text[i + 1]) >= 0 &&
        digit(text[i + 2]) >= 0) {
      out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

// RFC 2231, 4: charset'language'text. Latin-1 is the one other charset mailers used.
std::string DecodeExtended(std::string_view charset, std::string_view text) {
  const std::string bytes = PercentDecode(text);
  if (!EqualsIgnoreCase(charset, "iso-8859-1")) return bytes;
  std::string utf8;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      utf8 += c;
    } else {
      utf8 += static_cast<char>(0xC0 | byte >> 6);
      utf8 += static_cast<char>(0x80 | (byte & 0x3F));
    }
  }
  return utf8;
}

// The text of a parameter: plain, extended (`name*`) or continued (`name*0`, `name*1*`).
// The extended form wins, since a sender that gives both knows why (RFC 6266, 4.3).
std::string TextOf(const Parameters& parameters, const std::string& name) {
  if (!parameters.HasAnyOf(name)) return {};
  std::string charset;
  const auto take_charset = [&](std::string_view value) {
    const std::size_t first = value.find('\'');
    if (first == std::string_view::npos) return value;
    const std::size_t second = value.find('\'', first + 1);
    if (second == std::string_view::npos) return value;
    charset = value.substr(0, first);
    return value.substr(second + 1);
  };
  if (const auto extended = parameters.Find(name + "*")) {
    const std::string_view text = take_charset(*extended);
    return CleanUtf8(DecodeExtended(charset, text), kMaxNameBytes);
  }
  if (const auto plain = parameters.Find(name)) return CleanUtf8(*plain, kMaxNameBytes);
  std::string joined;
  for (std::size_t i = 0; i < kMaxParameters; ++i) {
    const std::string section = name + "*" + std::to_string(i);
    if (const auto plain = parameters.Find(section)) {
      joined += *plain;
    } else if (const auto extended = parameters.Find(section + "*")) {
      const std::string_view text =
          i == 0 ? take_charset(*extended) : std::string_view(*extended);
      joined += DecodeExtended(charset, text);
    } else {
      break;
    }
  }
  return CleanUtf8(joined, kMaxNameBytes);
}

}  // namespace

ContentType ParseContentType(std::string_view value) {
  ContentType result;
  if (value.empty() || value.size() > kMaxFieldBytes) return result;
  const PlainValue plain = MakePlain(value);
  try {
    const mimetic::ContentType field(plain.text);
    const std::string_view type = ViewOf(field.type());
    const std::string_view subtype = ViewOf(field.subtype());
    if (type.empty() || subtype.empty()) return result;
    result.type.reserve(type.size() + 1 + subtype.size());
    result.type.append(type).append("/").append(subtype);
    for (char& c : result.type) c = ToLowerAscii(c);
    const Parameters parameters(field.paramList(), plain);
    auto boundary = parameters.Find("boundary");
    if (!boundary) boundary = TextOf(parameters, "boundary");
    if (boundary->size() <= kMaxBoundaryBytes) result.boundary = *std::move(boundary);
    if (const auto report_type = parameters.Find("report-type")) {
      result.report_type = ToLowerAscii(*report_type);
    }
    result.name = TextOf(parameters, "name");
  } catch (const std::exception&) {
    // mimetic cuts strings at places it has not checked; then the field says nothing.
    return ContentType{};
  }
  return result;
}

ContentDisposition ParseContentDisposition(std::string_view value) {
  ContentDisposition result;
  if (value.empty() || value.size() > kMaxFieldBytes) return result;
  const PlainValue plain = MakePlain(value);
  try {
    const mimetic::ContentDisposition field(plain.text);
    result.type = ToLowerAscii(ViewOf(field.type()));
    result.file_name = TextOf(Parameters(field.paramList(), plain), "filename");
  } catch (const std::exception&) {
    return ContentDisposition{};
  }
  return result;
}

std::string ParseTransferEncoding(std::string_view value) {
  value = Trim(value.substr(0, value.find_first_of(";(")));
  if (value.size() > 1 && value.starts_with('"') && value.ends_with('"')) {
    value = value.substr(1, value.size() - 2);
  }
  return ToLowerAscii(value);
}

}  // namespace tlsrpt::ingest
