#include "store/model/domain_name.h"

#include <idn2.h>
#include <libpsl.h>

#include <algorithm>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>

#include "base/character_set.h"
#include "base/text.h"

namespace tlsrpt::store {
namespace {

constexpr std::size_t kMaxLabelBytes = 63;  // RFC 1035, 2.3.4
// U-labels are at most four bytes of UTF-8 for each byte of their A-label; what is
// longer cannot fit, and punycode takes time in the square of its input.
constexpr std::size_t kMaxUnicodeBytes = 4 * kMaxDomainBytes;
constexpr std::size_t kMaxQuotedBytes = 120;  // of the input, in an error message

Error Malformed(std::string_view text, std::string_view why) {
  return {ErrorKind::kMalformed, "not a domain name: \"" +
                                     CleanUtf8(text, kMaxQuotedBytes) +
                                     "\": " + std::string(why)};
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }

constexpr CharacterSet kLabelCharacters([](unsigned char c) {
  return (c >= 'a' && c <= 'z') || IsDigit(static_cast<char>(c)) || c == '-' || c == '_';
});

// Why `name` (lower-case) is not a host name, or nothing.
std::optional<std::string_view> Fault(std::string_view name) {
  if (name.empty()) return "empty";
  if (name.size() > kMaxDomainBytes) return "longer than 253 octets";
  std::string_view label;
  std::size_t labels = 0;
  for (std::size_t from = 0; from <= name.size(); from += label.size() + 1) {
    // Up to its dot, or up to what no label may have.
    std::size_t end = from;
    while (end < name.size() && kLabelCharacters.Has(name[end])) ++end;
    const bool spoilt = end < name.size() && name[end] != '.';
    if (spoilt) end = std::min(name.find('.', end), name.size());
    label = name.substr(from, end - from);
    ++labels;
    if (label.empty()) return "an empty label";
    if (label.size() > kMaxLabelBytes) return "a label longer than 63 octets";
    if (spoilt) return "letters, digits, hyphens, underscores and dots only";
    if (label.front() == '-' || label.back() == '-') {
      return "a label that starts or ends with a hyphen";
    }
  }
  if (labels < 2) return "at least two labels are needed";
  // No top-level domain is a number (RFC 3696, 2), so this is an IPv4 address.
  if (std::all_of(label.begin(), label.end(), IsDigit)) {
    return "an IP address";
  }
  return std::nullopt;
}

// In lower case, and without the dot of the root.
std::string LowerWithoutDot(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  return ToLowerAscii(text);
}

// U-labels to A-labels (RFC 5891, 5), UTS 46 mapping first: "Fïrm" and "fïrm" are one.
Result<std::string> ToALabels(std::string_view text) {
  if (text.size() > kMaxUnicodeBytes) return Malformed(text, "too long");
  // The library reads a C string.
  if (text.find('\0') != std::string_view::npos) return Malformed(text, "a NUL byte");
  char* out = nullptr;
  const int rc = idn2_to_ascii_8z(std::string(text).c_str(), &out,
                                  IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
  const std::unique_ptr<char, void (*)(void*)> owner(out, idn2_free);
  if (rc == IDN2_MALLOC) throw std::bad_alloc();
  if (rc != IDN2_OK) return Malformed(text, idn2_strerror(rc));
  return std::string(out);
}

const psl_ctx_t& PublicSuffixes() {
  // The list compiled into libpsl; distributions may build it without, and then the
  // file of the package publicsuffix is read, once.
  static const psl_ctx_t* const list = [] {
    const psl_ctx_t* found = psl_builtin();
    if (found == nullptr) found = psl_latest(nullptr);
    if (found == nullptr) {
      throw std::runtime_error(
          "no Public Suffix List: libpsl has none built in; install publicsuffix");
    }
    return found;
  }();
  return *list;
}

}  // namespace

Result<std::string> NormaliseDomain(std::string_view text) {
  // Taken as DNS carries it: names that IDNA 2008 would not register (emoji, "--" in
  // the third place) are in use, and an A-label is not ours to doubt.
  std::string name = LowerWithoutDot(text);
  auto fault = Fault(name);
  // As every name with a U-label is.
  if (fault && !IsAscii(text)) {
    const auto converted = ToALabels(text);
    if (!converted) return converted.error();
    name = LowerWithoutDot(*converted);
    fault = Fault(name);
  }
  if (fault) return Malformed(text, *fault);
  return name;
}

Result<std::string> NormaliseMxPattern(std::string_view text) {
  std::string_view rest = text;
  if (rest.starts_with("*.")) {
    rest.remove_prefix(2);
  } else if (rest.starts_with(".")) {
    rest.remove_prefix(1);
  }
  auto name = NormaliseDomain(rest);
  if (!name) return Wrap(name.error(), "MX pattern");
  if (rest.size() < text.size()) name->insert(0, "*.");
  return name;
}

bool MatchesMxPattern(std::string_view host, std::string_view pattern) {
  if (!pattern.starts_with("*.")) return host == pattern;
  const std::size_t dot = host.find('.');
  return dot != std::string_view::npos && dot > 0 &&
         host.substr(dot + 1) == pattern.substr(2);
}

Result<std::string> DomainOfAddress(std::string_view address) {
  const std::size_t at = address.rfind('@');
  if (at == std::string_view::npos) {
    return Error{
        ErrorKind::kMalformed,
        "not a mail address: \"" + CleanUtf8(address, kMaxQuotedBytes) + "\": no @"};
  }
  return NormaliseDomain(address.substr(at + 1));
}

std::string OrganisationalDomain(std::string_view domain) {
  const auto name = NormaliseDomain(domain);
  if (!name) return {};
  const char* found = psl_registrable_domain(&PublicSuffixes(), name->c_str());
  return found != nullptr ? found : "";
}

}  // namespace tlsrpt::store
