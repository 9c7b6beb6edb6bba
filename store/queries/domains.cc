#include "store/queries/domains.h"

#include <algorithm>

namespace tlsrpt::store {
namespace {

using MxHosts = std::map<std::string, std::set<std::string>>;

// The hosts that every domain with the pattern for it has by name (OwnDomains).
std::set<std::string> NamedThroughout(const MxHosts& mx_hosts) {
  std::map<std::string, std::size_t> with_pattern;  // domains, by pattern
  std::map<std::string, std::size_t> with_both;     // domains, by host
  for (const auto& [domain, hosts] : mx_hosts) {
    for (const std::string& host : hosts) {
      if (host.starts_with('*')) {
        ++with_pattern[host];
      } else if (hosts.contains(MxPatternFor(host))) {
        ++with_both[host];
      }
    }
  }
  std::set<std::string> named;
  if (const auto all = mx_hosts.find(""); all != mx_hosts.end()) named = all->second;
  for (const auto& [host, count] : with_both) {
    if (count == with_pattern.at(MxPatternFor(host))) named.insert(host);
  }
  return named;
}

}  // namespace

OwnDomains DomainList::Own() const {
  std::set<std::string> names;
  std::set<std::string> demo;
  for (const DomainRow& row : domains) (row.demo ? demo : names).insert(row.domain);
  MxHosts of_real;
  std::set<std::string> hosts;
  for (const auto& [domain, of_domain] : mx_hosts) {
    if (demo.contains(domain)) continue;
    of_real.emplace(domain, of_domain);
    hosts.insert(of_domain.begin(), of_domain.end());
  }
  return OwnDomains(std::move(names), std::move(hosts), NamedThroughout(of_real));
}

std::size_t DomainList::WildcardNames() const {
  return static_cast<std::size_t>(
      std::count_if(domains.begin(), domains.end(),
                    [](const DomainRow& row) { return row.source == "wildcard"; }));
}

bool DomainList::Contains(const std::string& domain) const {
  return std::any_of(domains.begin(), domains.end(),
                     [&](const DomainRow& row) { return row.domain == domain; });
}

PgResult<DomainList> ReadDomains(Connection& connection) {
  return connection.Transact([](Transaction& tx) {
    DomainList list;
    for (const Row row : tx.Query("domains")) {
      list.domains.push_back({std::string(row.Text("domain")),
                              std::string(row.Text("source")), row.Timestamp("added_at"),
                              row.Bool("demo")});
    }
    for (const Row row : tx.Query("mx_hosts")) {
      list.mx_hosts[std::string(row.Text("policy_domain"))].emplace(row.Text("mx_host"));
    }
    return list;
  });
}

}  // namespace tlsrpt::store
