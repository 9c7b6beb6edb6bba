#include "store/model/sts_policy.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/text.h"
#include "store/model/domain_name.h"

namespace tlsrpt::store {
namespace {

constexpr std::size_t kMaxShownBytes = 80;  // of a line, in a message
constexpr std::size_t kMaxMaxAgeDigits = 10;

Error At(std::size_t line, const std::string& what) {
  return {ErrorKind::kMalformed, "line " + std::to_string(line) + ": " + what};
}

std::string Quoted(std::string_view text) {
  return "\"" + CleanUtf8(text, kMaxShownBytes) + "\"";
}

struct Field {
  std::size_t line = 0;
  std::string_view value;
};

// RFC 8461, 3.2: all but the first of a field other than mx are ignored.
void Keep(std::optional<Field>& field, std::size_t line, std::string_view value) {
  if (!field) field = Field{line, value};
}

}  // namespace

Result<StsPolicy> ParseStsPolicy(std::string_view body) {
  std::optional<Field> version;
  std::optional<Field> mode;
  std::optional<Field> max_age;
  StsPolicy policy;

  const auto lines = Split(body, '\n');
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::size_t number = i + 1;
    std::string_view line = lines[i];
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() && number == lines.size()) break;  // the end of the last line
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) {
      return At(number, line.empty() ? "empty; a policy has no empty lines"
                                     : Quoted(line) + " is no \"name: value\"");
    }
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = Trim(line.substr(colon + 1));
    if (name == "version") {
      Keep(version, number, value);
    } else if (name == "mode") {
      Keep(mode, number, value);
    } else if (name == "max_age") {
      Keep(max_age, number, value);
    } else if (name == "mx") {
      auto pattern = NormaliseMxPattern(value);
      if (!pattern || value.starts_with('.')) {
        return At(number, "mx " + Quoted(value) +
                              " is neither a host name nor \"*.\" and a domain");
      }
      // As it stands it is compared with the host's name (RFC 8461, 4.1).
      if (ToLowerAscii(value) != *pattern) {
        return At(number,
                  "mx " + Quoted(value) + " matches no host; write it as " + *pattern);
      }
      policy.mx.push_back(*std::move(pattern));
    }
  }

  if (!version) return At(1, "no \"version: STSv1\" in the policy");
  if (version->value != "STSv1") {
    return At(version->line, "version " + Quoted(version->value) + " is not STSv1");
  }
  if (!mode) return At(1, "no \"mode\" in the policy");
  const auto word = PolicyModeOf(mode->value);
  if (!word || NameOf(*word) != mode->value) {
    return At(mode->line,
              "mode " + Quoted(mode->value) + " is not one of none, testing, enforce");
  }
  policy.mode = *word;
  if (!max_age) return At(1, "no \"max_age\" in the policy");
  const auto age = ParseUnsigned(max_age->value);
  if (!age || max_age->value.size() > kMaxMaxAgeDigits ||
      *age > static_cast<std::uint64_t>(kMaxMaxAge.count())) {
    return At(max_age->line, "max_age " + Quoted(max_age->value) +
                                 " is not a number of seconds up to " +
                                 std::to_string(kMaxMaxAge.count()));
  }
  policy.max_age = std::chrono::seconds{static_cast<std::int64_t>(*age)};
  if (policy.mx.empty() && policy.mode != PolicyMode::kNone) {
    return At(1, "no \"mx\" in the policy; each MX host needs one");
  }
  return policy;
}

std::string ToText(const StsPolicy& policy) {
  std::string text =
      "version: STSv1\r\nmode: " + std::string(NameOf(policy.mode)) + "\r\n";
  for (const std::string& pattern : policy.mx) text += "mx: " + pattern + "\r\n";
  return text + "max_age: " + std::to_string(policy.max_age.count()) + "\r\n";
}

}  // namespace tlsrpt::store
