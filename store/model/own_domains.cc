#include "store/model/own_domains.h"

#include <algorithm>
#include <utility>

namespace tlsrpt::store {

std::string MxPatternFor(std::string_view host) {
  const std::size_t dot = host.find('.');
  if (dot == std::string_view::npos) return {};
  const std::string_view below = host.substr(dot);
  return below.find('.', 1) == std::string_view::npos ? std::string()
                                                      : "*" + std::string(below);
}

OwnDomains::OwnDomains(std::set<std::string> domains, std::set<std::string> mx_hosts,
                       std::set<std::string> named_throughout)
    : mx_hosts_(mx_hosts.begin(), mx_hosts.end()),
      named_throughout_(named_throughout.begin(), named_throughout.end()) {
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
  more.named_throughout_ = named_throughout_;
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

std::set<std::string> OwnDomains::MxNamesOf(std::string_view host) const {
  std::set<std::string> names;
  // A pattern that a sender gives for a host names none.
  if (host.starts_with('*')) return names;
  if (IsMxHost(host)) names.emplace(host);
  if (named_throughout_.contains(host)) return names;
  if (std::string pattern = MxPatternFor(host); IsMxHost(pattern)) {
    names.insert(std::move(pattern));
  }
  return names;
}

std::vector<std::string> OwnDomains::FilingNames(const PolicyResult& result) const {
  const std::string& domain = result.policy_domain;
  std::set<std::string> names;
  if (IsAboutMxHosts(result.policy_type)) {
    names = MxNamesOf(domain);
    for (const std::string& host : result.mx_hosts) names.merge(MxNamesOf(host));
  }
  const bool at_host = std::any_of(names.begin(), names.end(), [](const auto& name) {
    return !name.starts_with('*');
  });
  if (IsConfigured(domain) || (!at_host && IsBelowWildcard(domain))) names.insert(domain);
  return {names.begin(), names.end()};
}

}  // namespace tlsrpt::store
