#include "ingest/smtp/command.h"

#include <algorithm>

#include "base/character_set.h"
#include "base/text.h"

namespace tlsrpt::ingest {
namespace {

struct VerbName {
  std::string_view name;
  SmtpVerb verb;
};

// In the order of how often they come.
constexpr VerbName kVerbs[] = {
    {"MAIL", SmtpVerb::kMail},         {"RCPT", SmtpVerb::kRcpt},
    {"DATA", SmtpVerb::kData},         {"EHLO", SmtpVerb::kEhlo},
    {"QUIT", SmtpVerb::kQuit},         {"BDAT", SmtpVerb::kBdat},
    {"STARTTLS", SmtpVerb::kStartTls}, {"RSET", SmtpVerb::kRset},
    {"HELO", SmtpVerb::kHelo},         {"NOOP", SmtpVerb::kNoop},
    {"VRFY", SmtpVerb::kVrfy},         {"EXPN", SmtpVerb::kExpn},
    {"HELP", SmtpVerb::kHelp},         {"GET", SmtpVerb::kHttp},
    {"POST", SmtpVerb::kHttp},         {"CONNECT", SmtpVerb::kHttp},
    {"LHLO", SmtpVerb::kLhlo},
};

constexpr CharacterSet kAsciiText([](unsigned char c) {
  return (c >= 0x20 && c < 0x7F) || c == '\t';
});

// Takes the next word off `text`, and the blanks around it.
std::string_view TakeWord(std::string_view& text) {
  text = Trim(text);
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  const std::string_view word(text.begin(),
                              std::find_if(text.begin(), text.end(), is_blank));
  text.remove_prefix(word.size());
  text = Trim(text);
  return word;
}

// RFC 1870, 6: up to 20 digits, which is more than 64 bits hold.
std::optional<std::uint64_t> ParseSize(std::string_view text) {
  if (text.empty() || text.size() > 20 ||
      text.find_first_not_of("0123456789") != text.npos) {
    return std::nullopt;
  }
  return ParseUnsigned(text).value_or(UINT64_MAX);
}

ParameterFault Apply(std::string_view keyword, std::optional<std::string_view> value,
                     MailParameters& parameters) {
  if (EqualsIgnoreCase(keyword, "SIZE")) {
    if (!value || parameters.size_bytes) return ParameterFault::kSyntax;
    parameters.size_bytes = ParseSize(*value);
    return parameters.size_bytes ? ParameterFault::kNone : ParameterFault::kSyntax;
  }
  if (EqualsIgnoreCase(keyword, "BODY")) {
    if (!value || parameters.body) return ParameterFault::kSyntax;
    parameters.body = true;
    const bool known =
        EqualsIgnoreCase(*value, "7BIT") || EqualsIgnoreCase(*value, "8BITMIME");
    // BINARYMIME (RFC 3030, 3) among others.
    return known ? ParameterFault::kNone : ParameterFault::kUnknown;
  }
  if (EqualsIgnoreCase(keyword, "SMTPUTF8")) {
    if (value || parameters.smtputf8) return ParameterFault::kSyntax;
    parameters.smtputf8 = true;
    return ParameterFault::kNone;
  }
  return ParameterFault::kUnknown;
}

}  // namespace

SmtpCommand ParseCommand(std::string_view line) {
  const std::string_view word = TakeWord(line);
  for (const VerbName& entry : kVerbs) {
    if (EqualsIgnoreCase(word, entry.name)) return {entry.verb, line};
  }
  return {SmtpVerb::kUnknown, line};
}

bool IsPlainText(std::string_view line) {
  bool ascii = true;
  for (const char c : line) {
    if (kAsciiText.Has(c)) continue;
    if (static_cast<unsigned char>(c) < 0x80) return false;
    ascii = false;
  }
  bool broken = false;
  if (!ascii) CleanUtf8(line, line.size(), &broken);
  return !broken;
}

MailParameters ParseMailParameters(std::string_view text) {
  MailParameters parameters;
  while (!text.empty() && parameters.fault == ParameterFault::kNone) {
    const std::string_view word = TakeWord(text);
    const std::size_t equals = word.find('=');
    std::optional<std::string_view> value;
    if (equals != word.npos) value = word.substr(equals + 1);
    parameters.fault = Apply(word.substr(0, equals), value, parameters);
  }
  return parameters;
}

std::optional<ChunkSize> ParseChunkSize(std::string_view text) {
  const auto bytes = ParseUnsigned(TakeWord(text));
  const bool is_last = EqualsIgnoreCase(text, "LAST");
  if (!bytes || !(is_last || text.empty())) return std::nullopt;
  return ChunkSize{*bytes, is_last};
}

}  // namespace tlsrpt::ingest
