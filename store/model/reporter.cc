#include "store/model/reporter.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>

#include "base/text.h"
#include "store/model/domain_name.h"

namespace tlsrpt::store {
namespace {

// As seen in real mails of 2020 to 2026. comcast.net reports, but no mail of its was ever
// seen: without a From address its mail is not counted on its signature alone. What an
// operator vouches for is.
const std::vector<ReporterProfile>& Shipped() {
  static const std::vector<ReporterProfile> kProfiles = {
      {"comcast.net", "Comcast", {}, {}, "unknown", "no report mail of its was seen"},
      {"google.com",
       "Google",
       {"google.com"},
       {"noreply-smtp-tls-reporting@google.com"},
       "daily",
       "does not sign Content-Type; signatures expire after 7 days"},
      {"mail.ru",
       "Mail.ru",
       {"corp.mail.ru"},
       {"noreply-smtp-tls-reporting@corp.mail.ru"},
       "daily",
       "signatures expire after a day; details may exceed the summary"},
      {"microsoft.com",
       "Microsoft",
       {"microsoft.com"},
       {"tlsrpt-noreply@microsoft.com"},
       "daily",
       "mails the first rua only; counts a session under sts and under tlsa"},
  };
  return kProfiles;
}

bool Contains(const std::vector<std::string>& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& one) { return EqualsIgnoreCase(one, name); });
}

void Append(std::vector<std::string>& names, const std::vector<std::string>& more) {
  for (const std::string& name : more) {
    if (!Contains(names, name)) names.push_back(name);
  }
}

// The authority part of a URL (RFC 3986, 3.2) without user and port.
std::string_view HostOfUrl(std::string_view after_scheme) {
  std::string_view host = after_scheme.substr(0, after_scheme.find_first_of("/?#\\"));
  if (const std::size_t at = host.rfind('@'); at != std::string_view::npos) {
    host.remove_prefix(at + 1);
  }
  return host.substr(0, host.find(':'));
}

}  // namespace

std::span<const ReporterProfile> ShippedReporters() { return Shipped(); }

ReporterProfiles::ReporterProfiles(const std::vector<ReporterProfile>& added) {
  std::map<std::string, ReporterProfile> by_name;
  for (const ReporterProfile& profile : Shipped()) by_name[profile.reporter] = profile;
  for (const ReporterProfile& profile : added) {
    const auto [at, is_new] = by_name.try_emplace(profile.reporter, profile);
    if (is_new) continue;
    ReporterProfile& known = at->second;
    if (!profile.name.empty()) known.name = profile.name;
    Append(known.signing_domains, profile.signing_domains);
    Append(known.from_addresses, profile.from_addresses);
    known.shipped = false;
  }
  for (auto& [name, profile] : by_name) profiles_.push_back(std::move(profile));
}

const ReporterProfile* ReporterProfiles::Find(std::string_view reporter) const {
  const auto found = std::find_if(
      profiles_.begin(), profiles_.end(),
      [&](const ReporterProfile& profile) { return profile.reporter == reporter; });
  return found == profiles_.end() ? nullptr : &*found;
}

std::set<std::string> ReporterProfiles::Counted() const {
  std::set<std::string> counted;
  for (const ReporterProfile& profile : profiles_) counted.insert(profile.reporter);
  return counted;
}

bool ReporterProfiles::Knows(std::string_view reporter, std::string_view signing_domain,
                             std::string_view from_address) const {
  const ReporterProfile* const profile = Find(reporter);
  return profile != nullptr && Contains(profile->signing_domains, signing_domain) &&
         Contains(profile->from_addresses, from_address);
}

bool ReporterProfiles::KnowsSigner(std::string_view signing_domain) const {
  return std::any_of(profiles_.begin(), profiles_.end(),
                     [&](const ReporterProfile& profile) {
                       return Contains(profile.signing_domains, signing_domain);
                     });
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
