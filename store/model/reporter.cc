#include "store/model/reporter.h"

#include <array>
#include <cstddef>

#include "base/text.h"
#include "store/model/domain_name.h"

namespace tlsrpt::store {
namespace {

// As seen in real mails of 2020 to 2026.
constexpr std::array<std::string_view, 1> kGoogle = {
    "noreply-smtp-tls-reporting@google.com"};
constexpr std::array<std::string_view, 1> kMicrosoft = {"tlsrpt-noreply@microsoft.com"};
constexpr std::array<std::string_view, 1> kMailRu = {
    "noreply-smtp-tls-reporting@corp.mail.ru"};

// comcast.net reports, but no mail of its was ever seen: without a From address its
// mail is not counted on its signature alone. What an operator vouches for is.
constexpr std::array<ReporterProfile, 4> kShipped = {{
    {"google.com", "Google", kGoogle},
    {"microsoft.com", "Microsoft", kMicrosoft},
    {"mail.ru", "Mail.ru", kMailRu},
    {"comcast.net", "Comcast", {}},
}};

// The authority part of a URL (RFC 3986, 3.2) without user and port.
std::string_view HostOfUrl(std::string_view after_scheme) {
  std::string_view host = after_scheme.substr(0, after_scheme.find_first_of("/?#\\"));
  if (const std::size_t at = host.rfind('@'); at != std::string_view::npos) {
    host.remove_prefix(at + 1);
  }
  return host.substr(0, host.find(':'));
}

}  // namespace

std::span<const ReporterProfile> ShippedReporters() { return kShipped; }

std::set<std::string> CountedReporters(const std::set<std::string>& also) {
  std::set<std::string> counted = also;
  for (const ReporterProfile& profile : kShipped) counted.emplace(profile.reporter);
  return counted;
}

std::string ReporterOfContact(std::string_view contact) {
  constexpr std::string_view kScheme = "://";
  constexpr std::string_view kMailto = "mailto:";
  std::string_view text = Trim(contact);
  if (const std::size_t at = text.find(kScheme); at != std::string_view::npos) {
    return OrganisationalDomain(HostOfUrl(text.substr(at + kScheme.size())));
  }
  if (StartsWithIgnoreCase(text, kMailto)) {
    text.remove_prefix(kMailto.size());
    text = text.substr(0, text.find('?'));  // RFC 6068, 2
  }
  const auto domain = DomainOfAddress(text);
  return domain ? OrganisationalDomain(*domain) : std::string();
}

}  // namespace tlsrpt::store
