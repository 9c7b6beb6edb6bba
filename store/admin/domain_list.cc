#include "store/admin/domain_list.h"

#include "store/work/work.h"

namespace tlsrpt::store {

PgResult<void> AddDomains(Connection& connection, const std::vector<std::string>& domains,
                          const std::string& source, TimePoint now) {
  return connection.Transact([&](Transaction& tx) {
    std::vector<std::string> added;
    for (const std::string& domain : domains) {
      if (tx.Query("domain_add", {domain, now, source}).AffectedRows() > 0) {
        added.push_back(domain);
      }
    }
    RequestForeignRetry(tx, added);
    RequestEvaluation(tx, {.names = added, .failing_hosts = {}});
  });
}

PgResult<bool> RemoveDomain(Connection& connection, const std::string& domain) {
  return connection.Transact([&](Transaction& tx) {
    if (tx.Query("domain_remove", {domain}).AffectedRows() == 0) return false;
    // Who evaluates it finds that it is not ours, and takes its status away.
    RequestWork(tx, kWorkEvaluate, {domain});
    return true;
  });
}

PgResult<void> AddMxHosts(Connection& connection, const std::vector<std::string>& hosts,
                          TimePoint now) {
  return connection.Transact([&](Transaction& tx) {
    std::vector<std::string> added;
    for (const std::string& host : hosts) {
      if (tx.Query("mx_host_add", {host, now}).AffectedRows() > 0) added.push_back(host);
    }
    RequestForeignRetry(tx, added);
    if (!added.empty()) RequestEvaluation(tx, {.names = {""}, .failing_hosts = {}});
  });
}

}  // namespace tlsrpt::store
