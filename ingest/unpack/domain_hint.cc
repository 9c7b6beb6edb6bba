#include "ingest/unpack/domain_hint.h"

#include <cstddef>
#include <vector>

#include "base/text.h"
#include "store/model/domain_name.h"

namespace tlsrpt::ingest {
namespace {

std::string NormalisedOrEmpty(std::string_view text) {
  const auto domain = store::NormaliseDomain(text);
  return domain ? *domain : std::string();
}

// Empty unless the field stands there exactly once.
std::string OnlyValue(const HeaderBlock& header, std::string_view name) {
  return header.Count(name) == 1 ? header.Value(name) : std::string();
}

// "Report Domain: firm.example Submitter: mail.example Report-ID: <...>"
std::string_view DomainInSubject(std::string_view subject) {
  constexpr std::string_view kLabel = "Report Domain:";
  for (std::size_t at = 0; at + kLabel.size() <= subject.size(); ++at) {
    if (!StartsWithIgnoreCase(subject.substr(at), kLabel)) continue;
    const std::string_view rest = Trim(subject.substr(at + kLabel.size()));
    return rest.substr(0, rest.find_first_of(" \t,;"));
  }
  return {};
}

}  // namespace

DomainHints DomainHintsOf(const HeaderBlock& header, std::string_view file_name) {
  return {
      .report_domain = NormalisedOrEmpty(OnlyValue(header, "TLS-Report-Domain")),
      .subject = NormalisedOrEmpty(DomainInSubject(OnlyValue(header, "Subject"))),
      .file_name = DomainHint(file_name),
  };
}

std::string DomainHint(const HeaderBlock& header, std::string_view file_name) {
  return DomainHintsOf(header, file_name).First();
}

std::string DomainHint(std::string_view file_name) {
  file_name = file_name.substr(file_name.rfind('/') + 1);  // an import gives a path
  const std::vector<std::string_view> fields = Split(file_name, '!');
  return fields.size() >= 4 ? NormalisedOrEmpty(fields[1]) : std::string();
}

}  // namespace tlsrpt::ingest
