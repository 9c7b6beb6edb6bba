#include "store/admin/domain_list.h"

#include <algorithm>

#include "store/work/work.h"

namespace tlsrpt::store {
namespace {

// Nothing unless one of `domains` is the demo's: it must not become real, nor go while
// the rows of the demo stay.
Result<void> RefuseDemo(Transaction& tx, const std::vector<std::string>& domains) {
  for (const Row row : tx.Query("domains_demo")) {
    const std::string demo(row.Text("domain"));
    if (std::find(domains.begin(), domains.end(), demo) != domains.end()) {
      return Error{ErrorKind::kMalformed,
                   demo + " is a domain of the demo; `tlsrptd demo --remove` removes it"};
    }
  }
  return {};
}

}  // namespace

PgResult<void> AddDomains(Connection& connection, const std::vector<std::string>& domains,
                          const std::string& source, TimePoint now) {
  return connection.Transact([&](Transaction& tx) -> Result<void> {
    if (auto refused = RefuseDemo(tx, domains); !refused) return refused;
    std::vector<std::string> added;
    for (const std::string& domain : domains) {
      if (tx.Query("domain_add", {domain, now, source}).AffectedRows() > 0) {
        added.push_back(domain);
      }
    }
    RequestForeignRetry(tx, added);
    RequestEvaluation(tx, {.names = added, .failing_hosts = {}});
    return {};
  });
}

PgResult<bool> RemoveDomain(Connection& connection, const std::string& domain) {
  return connection.Transact([&](Transaction& tx) -> Result<bool> {
    if (auto refused = RefuseDemo(tx, {domain}); !refused) return refused.error();
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
