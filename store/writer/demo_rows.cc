#include "store/writer/demo_rows.h"

#include "store/model/demo.h"

namespace tlsrpt::store {
namespace {

// Every table with a policy_domain: a new one belongs here, and tests/system/test_demo.py
// looks into all of them.
constexpr std::string_view kTables[] = {
    "report",      "policy_result",  "report_failure",
    "policy_text", "domain_day",     "domain_day_failure",
    "observation", "domain_status",  "state_change",
    "waiver",      "domain_setting", "mx_host"};

RemovedDemo Remove(Transaction& tx) {
  RemovedDemo removed;
  // Held, so that what a worker is adding to it at this moment goes, too.
  for (const Row row : tx.Query("demo_hold")) {
    removed.domains.emplace_back(row.Text("domain"));
  }
  std::vector<std::string> names = removed.domains;
  for (const Row row : tx.Query("demo_mx_hosts", {std::string(kDemoParent)})) {
    names.emplace_back(row.Text("mx_host"));
  }
  if (!removed.domains.empty()) {
    for (const std::string_view table : kTables) {
      tx.ExecParams(
          "DELETE FROM " + std::string(table) + " WHERE policy_domain = ANY ($1::text[])",
          {names});
    }
    tx.ExecParams("DELETE FROM work WHERE domain = ANY ($1::text[])", {names});
    tx.ExecParams("DELETE FROM domain WHERE demo", {});
  }
  const std::string node(kDemoNode);
  tx.Query("demo_receipt_raw_remove", {node});
  removed.receipts =
      static_cast<std::int64_t>(tx.Query("demo_receipt_remove", {node}).AffectedRows());
  tx.ExecParams("DELETE FROM node_counter WHERE node = $1", {node});
  return removed;
}

Result<void> CheckFree(Transaction& tx, const std::string& domain) {
  if (!tx.Query("domain_one", {domain}).empty()) {
    return Error{ErrorKind::kMalformed,
                 domain +
                     " is configured, and not as a domain of the demo; `tlsrptd "
                     "domain remove " +
                     domain + "` makes room"};
  }
  if (tx.Query("demo_has_reports", {domain})[0].Bool(0)) {
    return Error{ErrorKind::kMalformed,
                 "there are reports about " + domain +
                     " that no demo wrote: they would count with the demo's. Use "
                     "another database"};
  }
  return {};
}

}  // namespace

PgResult<void> BeginDemo(Connection& owner,
                         const std::map<std::string, std::set<std::string>>& domains,
                         TimePoint now) {
  return owner.Transact([&](Transaction& tx) -> Result<void> {
    Remove(tx);
    for (const auto& [domain, mx_hosts] : domains) {
      if (auto is_free = CheckFree(tx, domain); !is_free) return is_free;
      for (const std::string& host : mx_hosts) {
        if (auto is_free = CheckFree(tx, host); !is_free) return is_free;
        tx.Query("demo_mx_host_add", {domain, host, now});
      }
      tx.Query("demo_domain_add", {domain, now});
    }
    return {};
  });
}

PgResult<void> HoldDemo(
    Connection& owner,
    const std::function<Result<void>(const std::vector<DemoRow>&)>& with_it) {
  return owner.Transact([&](Transaction& tx) -> Result<void> {
    std::vector<DemoRow> rows;
    for (const Row row : tx.Query("demo_hold")) {
      rows.push_back({std::string(row.Text("domain")), row.Timestamp("added_at"), {}});
    }
    // A statement of its own: it sees what was written while the rows were waited for.
    for (DemoRow& held : rows) {
      const ResultSet found = tx.Query("demo_last_look", {held.domain});
      held.last_look_at = found[0].OptionalTimestamp(0);
    }
    return with_it(rows);
  });
}

PgResult<RemovedDemo> RemoveDemo(Connection& owner) {
  return owner.Transact([&](Transaction& tx) { return Remove(tx); });
}

}  // namespace tlsrpt::store
