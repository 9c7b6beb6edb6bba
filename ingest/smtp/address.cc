#include "ingest/smtp/address.h"

namespace tlsrpt::ingest {
namespace {

bool IsAlnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// RFC 6531, 3.3: whatever is not ASCII. That it is UTF-8 the session has checked.
bool IsUtf8Byte(char c) { return static_cast<unsigned char>(c) >= 0x80; }

bool IsLocalByte(char c) {
  constexpr std::string_view kAtext = "!#$%&'*+-/=?^_`{|}~";  // RFC 5322, 3.2.3
  return IsAlnum(c) || IsUtf8Byte(c) || c == '.' || kAtext.find(c) != kAtext.npos;
}

bool IsDomainByte(char c) {
  return IsAlnum(c) || IsUtf8Byte(c) || c == '.' || c == '-' || c == '_';
}

// Inside the brackets of an address literal.
bool IsLiteralByte(char c) { return IsAlnum(c) || c == '.' || c == ':' || c == '-'; }

struct Cursor {
  std::string_view text;
  std::size_t at = 0;

  bool AtEnd() const { return at == text.size(); }
  bool Take(char c) {
    if (AtEnd() || text[at] != c) return false;
    ++at;
    return true;
  }
  void SkipBlanks() {
    while (Take(' ') || Take('\t')) continue;
  }

  // One or more bytes that `is_one` likes.
  template <class Predicate>
  bool TakeRun(Predicate is_one) {
    const std::size_t start = at;
    while (!AtEnd() && is_one(text[at])) ++at;
    return at > start;
  }

  bool TakeDomain() {
    if (!Take('[')) return TakeRun(IsDomainByte);
    return TakeRun(IsLiteralByte) && Take(']');
  }

  bool TakeLocalPart(std::string& unquoted) {
    const std::size_t start = at;
    if (!Take('"')) {
      if (!TakeRun(IsLocalByte)) return false;
      unquoted = text.substr(start, at - start);
      return true;
    }
    while (!Take('"')) {
      if (Take('\\') && AtEnd()) return false;
      if (AtEnd()) return false;
      unquoted += text[at++];
    }
    return true;
  }

  // "@a,@b:" in front of the address.
  bool SkipRoute() {
    if (AtEnd() || text[at] != '@') return true;
    do {
      if (!Take('@') || !TakeDomain()) return false;
    } while (Take(','));
    return Take(':');
  }
};

}  // namespace

std::optional<MailPath> TakePath(std::string_view& text) {
  Cursor in{text};
  MailPath path;
  in.SkipBlanks();
  if (!in.Take('<') || !in.SkipRoute()) return std::nullopt;

  const std::size_t start = in.at;
  const bool routed = text[start - 1] != '<';
  if (routed || !in.Take('>')) {
    if (!in.TakeLocalPart(path.local_part)) return std::nullopt;
    if (in.Take('@')) {
      const std::size_t domain_start = in.at;
      if (!in.TakeDomain()) return std::nullopt;
      path.domain = text.substr(domain_start, in.at - domain_start);
    }
    if (!in.Take('>')) return std::nullopt;
    path.address = text.substr(start, in.at - 1 - start);
  }
  for (const char c : path.address) path.ascii &= !IsUtf8Byte(c);

  const bool blank_follows = in.AtEnd() || text[in.at] == ' ' || text[in.at] == '\t';
  if (!blank_follows) return std::nullopt;
  in.SkipBlanks();
  text.remove_prefix(in.at);
  return path;
}

}  // namespace tlsrpt::ingest
