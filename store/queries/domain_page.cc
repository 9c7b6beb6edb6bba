#include "store/queries/domain_page.h"

namespace tlsrpt::store {
namespace {

DomainRow RowOf(const Row& row) {
  return {std::string(row.Text("domain")), std::string(row.Text("source")),
          row.Timestamp("added_at"), row.Bool("demo")};
}

}  // namespace

PgResult<std::optional<OneDomain>> ReadDomain(Connection& connection,
                                              const std::string& domain) {
  return connection.Transact([&](Transaction& tx) {
    std::optional<OneDomain> found;
    for (const Row row : tx.Query("domain_one", {domain})) {
      found.emplace(OneDomain{RowOf(row), {}});
    }
    if (!found) return found;
    for (const Row row : tx.Query("domain_mx_hosts", {domain})) {
      const std::string host(row.Text("mx_host"));
      found->mx_hosts.insert(host);
      if (row.Bool("is_domain")) found->hosts_that_are_domains.insert(host);
    }
    return found;
  });
}

}  // namespace tlsrpt::store
