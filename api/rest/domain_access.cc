#include "api/rest/domain_access.h"

#include <optional>
#include <utility>

#include "store/model/domain_name.h"

namespace tlsrpt::api {

Rest<std::string> NormaliseEntry(std::string_view text) {
  const bool wildcard = text.starts_with('.');
  auto name = store::NormaliseDomain(wildcard ? text.substr(1) : text);
  if (!name) return Refusal(std::move(name).error());
  return wildcard ? "." + *name : *std::move(name);
}

Rest<void> CheckSees(const Caller& caller, const std::string& domain) {
  if (caller.Sees(domain)) return {};
  return Refusal(403, domain + " is not one of this token's domains");
}

Rest<store::OneDomain> FindDomain(const Call& call) {
  auto name = NormaliseEntry(call.path.at(0));
  if (!name) return std::move(name).error();
  if (auto sees = CheckSees(call.caller, *name); !sees) return std::move(sees).error();
  auto found = store::ReadDomain(*call.database, *name);
  if (!found) return Refusal(std::move(found).error());
  if (!*found) {
    return Refusal(404, *name +
                            " is not configured; POST /v1/domains, or `tlsrptd "
                            "domain add`, makes it ours");
  }
  return std::move(**found);
}

Rest<store::OneDomain> FindSingleDomain(const Call& call) {
  auto domain = FindDomain(call);
  if (domain && domain->row.domain.starts_with('.')) {
    return Refusal(404, domain->row.domain +
                            " stands for the domains below it; ask for one of those");
  }
  return domain;
}

bool SeesHost(const Caller& caller, const store::OneDomain& domain,
              const std::string& host) {
  return domain.mx_hosts.contains(host) &&
         (!domain.hosts_that_are_domains.contains(host) || caller.Sees(host));
}

std::vector<std::string> NamesOf(const Caller& caller, const store::OneDomain& domain) {
  std::vector<std::string> names{domain.row.domain};
  for (const std::string& host : domain.mx_hosts) {
    if (host != domain.row.domain && SeesHost(caller, domain, host)) {
      names.push_back(host);
    }
  }
  return names;
}

}  // namespace tlsrpt::api
