#include "store/queries/domains.h"

#include <algorithm>

namespace tlsrpt::store {

OwnDomains DomainList::Own() const {
  std::set<std::string> names;
  std::set<std::string> demo;
  for (const DomainRow& row : domains) (row.demo ? demo : names).insert(row.domain);
  std::set<std::string> hosts;
  for (const auto& [domain, of_domain] : mx_hosts) {
    if (demo.contains(domain)) continue;
    hosts.insert(of_domain.begin(), of_domain.end());
  }
  return OwnDomains(std::move(names), std::move(hosts));
}

std::size_t DomainList::WildcardNames() const {
  return static_cast<std::size_t>(
      std::count_if(domains.begin(), domains.end(),
                    [](const DomainRow& row) { return row.source == "wildcard"; }));
}

std::set<std::string> DomainList::MxHostsOf(const std::string& domain) const {
  std::set<std::string> hosts;
  for (const std::string& key : {std::string(), domain}) {
    if (const auto found = mx_hosts.find(key); found != mx_hosts.end()) {
      hosts.insert(found->second.begin(), found->second.end());
    }
  }
  return hosts;
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
