#include "store/writer/domain_list.h"

namespace tlsrpt::store {

PgResult<void> AddDomains(Connection& connection, const std::vector<std::string>& domains,
                          const std::string& source, TimePoint now) {
  return connection.Transact([&](Transaction& tx) {
    for (const std::string& domain : domains) {
      tx.Query("domain_add", {domain, now, source});
    }
  });
}

PgResult<bool> RemoveDomain(Connection& connection, const std::string& domain) {
  return connection.Transact([&](Transaction& tx) {
    return tx.Query("domain_remove", {domain}).AffectedRows() > 0;
  });
}

PgResult<void> AddMxHosts(Connection& connection, const std::vector<std::string>& hosts,
                          TimePoint now) {
  return connection.Transact([&](Transaction& tx) {
    for (const std::string& host : hosts) tx.Query("mx_host_add", {host, now});
  });
}

}  // namespace tlsrpt::store
