#include "store/work/work.h"

#include <algorithm>

namespace tlsrpt::store {

void RequestWork(Transaction& tx, std::string_view kind, std::vector<std::string> domains,
                 std::chrono::seconds delay) {
  // A statement must not touch a row twice, and two at once must not deadlock.
  std::sort(domains.begin(), domains.end());
  domains.erase(std::unique(domains.begin(), domains.end()), domains.end());
  if (!domains.empty()) tx.Query("work_request", {kind, domains, delay.count()});
}

void RequestForeignRetry(Transaction& tx, const std::vector<std::string>& names) {
  RequestWork(tx, kWorkRetryForeign, names);
  RequestWork(tx, kWorkRetryForeignLate, names, kForeignSettles);
}

PgResult<void> EnsureWork(Connection& connection, std::string_view kind) {
  return connection.Transact([&](Transaction& tx) { tx.Query("work_ensure", {kind}); });
}

PgResult<std::optional<WorkItem>> TakeWork(Connection& connection,
                                           const std::vector<std::string>& kinds,
                                           const std::string& holder,
                                           std::chrono::seconds lease) {
  return connection.Transact([&](Transaction& tx) -> std::optional<WorkItem> {
    const ResultSet rows = tx.Query("work_take", {kinds, holder, lease.count()});
    if (rows.empty()) return std::nullopt;
    return WorkItem{.domain = std::string(rows[0].Text("domain")),
                    .kind = std::string(rows[0].Text("kind")),
                    .generation = rows[0].Int64("generation"),
                    .attempts = rows[0].Int32("attempts")};
  });
}

PgResult<bool> ExtendWork(Connection& connection, const WorkItem& item,
                          const std::string& holder, std::chrono::seconds lease) {
  return connection.Transact([&](Transaction& tx) {
    return tx.Query("work_extend", {item.domain, item.kind, holder, lease.count()})
               .AffectedRows() > 0;
  });
}

PgResult<void> FinishWork(Connection& connection, const WorkItem& item,
                          const std::string& holder) {
  return connection.Transact([&](Transaction& tx) {
    const bool gone =
        tx.Query("work_finish", {item.domain, item.kind, holder, item.generation})
            .AffectedRows() > 0;
    if (gone) return;
    tx.Query("work_give_back",
             {item.domain, item.kind, holder, 0, item.generation, true});
  });
}

PgResult<void> GiveBackWork(Connection& connection, const WorkItem& item,
                            const std::string& holder, std::chrono::seconds delay,
                            bool done) {
  return connection.Transact([&](Transaction& tx) {
    tx.Query("work_give_back",
             {item.domain, item.kind, holder, delay.count(), item.generation, done});
  });
}

}  // namespace tlsrpt::store
