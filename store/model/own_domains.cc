#include "store/model/own_domains.h"

namespace tlsrpt::store {

OwnDomains::OwnDomains(std::set<std::string> domains, std::set<std::string> mx_hosts)
    : mx_hosts_(mx_hosts.begin(), mx_hosts.end()) {
  for (const std::string& domain : domains) {
    if (domain.starts_with('.')) {
      wildcards_.insert(domain.substr(1));
    } else {
      domains_.insert(domain);
    }
  }
}

OwnDomains OwnDomains::With(const std::set<std::string>& domains,
                            const std::set<std::string>& mx_hosts) const {
  OwnDomains more(domains, mx_hosts);
  more.domains_.insert(domains_.begin(), domains_.end());
  more.wildcards_.insert(wildcards_.begin(), wildcards_.end());
  more.mx_hosts_.insert(mx_hosts_.begin(), mx_hosts_.end());
  return more;
}

bool OwnDomains::IsConfigured(std::string_view domain) const {
  return domains_.contains(domain);
}

bool OwnDomains::IsBelowWildcard(std::string_view domain) const {
  if (wildcards_.empty() || IsConfigured(domain)) return false;
  // Every parent in turn: a name has few labels, the list may have many wildcards.
  for (std::size_t dot; (dot = domain.find('.')) != std::string_view::npos;) {
    domain.remove_prefix(dot + 1);
    if (wildcards_.contains(domain)) return true;
  }
  return false;
}

bool OwnDomains::IsMxHost(std::string_view host) const {
  return mx_hosts_.contains(host);
}

std::string OwnDomains::FilingDomain(const PolicyResult& result) const {
  const std::string& domain = result.policy_domain;
  if (IsConfigured(domain)) return domain;
  if (IsAboutMxHosts(result.policy_type)) {
    if (IsMxHost(domain)) return domain;
    for (const std::string& host : result.mx_hosts) {
      if (IsMxHost(host)) return host;
    }
  }
  return IsBelowWildcard(domain) ? domain : std::string();
}

}  // namespace tlsrpt::store
