#include "store/work/work.h"

#include <algorithm>

namespace tlsrpt::store {
namespace {

WorkItem ItemOf(const Row& row) {
  return {.domain = std::string(row.Text("domain")),
          .kind = std::string(row.Text("kind")),
          .generation = row.Int64("generation"),
          .attempts = row.Int32("attempts")};
}

void SortOut(std::vector<std::string>& names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
}

}  // namespace

void RequestWork(Transaction& tx, std::string_view kind, std::vector<std::string> domains,
                 std::chrono::seconds delay) {
  // A statement must not touch a row twice, and two at once must not deadlock.
  SortOut(domains);
  if (!domains.empty()) tx.Query("work_request", {kind, domains, delay.count()});
}

void RequestForeignRetry(Transaction& tx, const std::vector<std::string>& names) {
  RequestWork(tx, kWorkRetryForeign, names);
  RequestWork(tx, kWorkRetryForeignLate, names, kForeignSettles);
}

void RequestEvaluation(Transaction& tx, EvidenceChange change) {
  SortOut(change.names);
  SortOut(change.failing_hosts);
  if (change.names.empty() && change.failing_hosts.empty()) return;
  tx.Query("work_request_evaluation",
           {change.names, change.failing_hosts, kEvaluationSettles.count()});
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
    return ItemOf(rows[0]);
  });
}

PgResult<std::vector<WorkItem>> TakeSomeWork(Connection& connection,
                                             std::string_view kind,
                                             const std::string& holder,
                                             std::chrono::seconds lease,
                                             std::int64_t limit) {
  return connection.Transact([&](Transaction& tx) {
    std::vector<WorkItem> items;
    for (const Row row :
         tx.Query("work_take_some", {kind, holder, lease.count(), limit})) {
      items.push_back(ItemOf(row));
    }
    return items;
  });
}

bool FinishWorkIn(Transaction& tx, const WorkItem& item, const std::string& holder) {
  const bool gone =
      tx.Query("work_finish", {item.domain, item.kind, holder, item.generation})
          .AffectedRows() > 0;
  return gone || tx.Query("work_give_back",
                          {item.domain, item.kind, holder, 0, item.generation, true})
                         .AffectedRows() > 0;
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
  return connection.Transact([&](Transaction& tx) { FinishWorkIn(tx, item, holder); });
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
