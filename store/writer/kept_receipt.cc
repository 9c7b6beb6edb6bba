#include "store/writer/kept_receipt.h"

#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace tlsrpt::store {
namespace {

using std::chrono::floor;
using std::chrono::seconds;

// A row of `report` among those of several receipts.
using OwnedKey =
    std::tuple<Uuid, std::string, std::chrono::sys_days, Uuid, std::string, bool>;

OwnedKey KeyOf(const Row& row) {
  return {row.Uuid("receipt_id"),
          std::string(row.Text("policy_domain")),
          row.Date("day"),
          row.Uuid("report_key"),
          std::string(row.Text("reporter")),
          row.Bool("vouched")};
}

KeptReport ReadReportRow(const Row& row) {
  KeptReport kept;
  FiledReport& filed = kept.filed;
  filed.report_key = row.Uuid("report_key");
  filed.policy_domain = row.Text("policy_domain");
  filed.day = row.Date("day");
  filed.first_day = row.Date("first_day");
  filed.last_day = row.Date("last_day");
  filed.provenance = static_cast<Provenance>(row.Int32("provenance"));
  filed.reporter = row.Text("reporter");
  filed.organisation = row.Text("organisation");
  filed.report_id = row.Text("report_id");
  filed.contact = row.Text("contact");
  filed.period_start = floor<seconds>(row.Timestamp("period_start"));
  filed.period_end = floor<seconds>(row.Timestamp("period_end"));
  filed.report_ix = row.Int32("report_ix");
  filed.vouching = {.from_address = std::string(row.Text("from_address")),
                    .from_known = row.Bool("from_known"),
                    .signing_domain = std::string(row.Text("signing_domain")),
                    .selector = std::string(row.Text("selector")),
                    .algorithm = std::string(row.Text("algorithm")),
                    .key_bits = row.Int32("key_bits"),
                    .dnssec = row.Bool("dnssec"),
                    .tlsrpt_key = row.Bool("tlsrpt_key"),
                    .why = std::string(row.Text("why_unvouched"))};
  kept.anomalies = row.TextArray("anomalies");
  kept.written_at = row.OptionalTimestamp("written_at");
  return kept;
}

PolicyResult ReadResultRow(const Row& row) {
  PolicyResult result;
  result.policy_type = static_cast<PolicyType>(row.Int32("policy_type"));
  result.policy_type_text = row.Text("policy_type_text");
  result.policy_domain = row.Text("policy_domain");
  result.success_sessions = row.Int64("success_sessions");
  result.failure_sessions = row.Int64("failure_sessions");
  result.unexplained_sessions = row.Int64("unexplained_sessions");
  return result;
}

FailureDetail ReadFailureRow(const Row& row) {
  FailureDetail detail;
  detail.result_type = static_cast<ResultType>(row.Int32("result_type"));
  detail.result_type_text = row.Text("result_type_text");
  detail.failed_sessions = row.Int64("failed_sessions");
  detail.sending_mta_ip = row.Text("sending_mta_ip");
  detail.receiving_ip = row.Text("receiving_ip");
  detail.receiving_mx = row.Text("receiving_mx");
  detail.helo = row.Text("helo");
  detail.reason = row.Text("reason");
  detail.information = row.Text("information");
  return detail;
}

// What each of the receipts owns.
std::map<Uuid, std::vector<KeptReport>> ReadOwned(Transaction& tx,
                                                  const std::vector<Uuid>& ids) {
  std::map<OwnedKey, KeptReport> by_key;
  for (const Row row : tx.Query("owned_reports", {ids})) {
    by_key.emplace(KeyOf(row), ReadReportRow(row));
  }
  // Results come in the order of policy_ix, which counts from 0 without a gap.
  for (const Row row : tx.Query("owned_results", {ids})) {
    KeptReport& report = by_key.at(KeyOf(row));
    report.filed.results.push_back(ReadResultRow(row));
    report.policy_hashes.push_back(row.OptionalUuid("policy_hash"));
  }
  for (const Row row : tx.Query("owned_failures", {ids})) {
    auto& results = by_key.at(KeyOf(row)).filed.results;
    const auto ix = static_cast<std::size_t>(row.Int32("policy_ix"));
    results.at(ix).details.push_back(ReadFailureRow(row));
  }
  std::map<Uuid, std::vector<KeptReport>> owned;
  for (auto& [key, report] : by_key) {
    owned[std::get<0>(key)].push_back(std::move(report));
  }
  return owned;
}

// Those of the receipts whose quarantined part was dropped, which still stands.
std::set<Uuid> Dropped(Transaction& tx, const std::vector<Uuid>& ids) {
  std::set<Uuid> dropped;
  for (const Row row : tx.Query("quarantine_dropped", {ids})) {
    dropped.insert(row.Uuid("receipt_id"));
  }
  return dropped;
}

}  // namespace

KeptReport KeptFormOf(const FiledReport& report) {
  KeptReport kept{.filed = report, .policy_hashes = {}, .anomalies = {}};
  for (PolicyResult& result : kept.filed.results) {
    std::optional<Uuid> hash;
    if (result.policy) hash = PolicyHash(*result.policy);
    kept.policy_hashes.push_back(hash);
    result.policy.reset();
    result.mx_hosts.clear();
  }
  for (const Anomaly& anomaly : report.anomalies) {
    kept.anomalies.push_back(ToText(anomaly));
  }
  kept.filed.anomalies.clear();
  return kept;
}

std::pair<std::vector<std::chrono::sys_days>, std::vector<Uuid>> DaysAndIds(
    const std::vector<ReceiptId>& ids) {
  std::set<std::chrono::sys_days> days;
  std::vector<Uuid> uuids;
  for (const ReceiptId& id : ids) {
    days.insert(id.received_on);
    uuids.push_back(id.receipt_id);
  }
  return {{days.begin(), days.end()}, std::move(uuids)};
}

std::vector<KeptReceipt> ReadReceipts(Transaction& tx,
                                      const std::vector<ReceiptId>& ids) {
  const auto [days, uuids] = DaysAndIds(ids);
  std::map<ReceiptId, ReceiptRow> found;
  for (const Row row : tx.Query("receipts", {days, uuids})) {
    ReceiptRow receipt = ReadReceiptRow(row);
    const ReceiptId id = receipt.id;
    found.emplace(id, std::move(receipt));
  }
  const std::set<Uuid> dropped = Dropped(tx, uuids);
  auto owned = ReadOwned(tx, uuids);
  std::vector<KeptReceipt> receipts;
  for (const ReceiptId& id : ids) {
    auto row = found.extract(id);
    if (row.empty()) continue;
    receipts.push_back({std::move(row.mapped()), dropped.contains(id.receipt_id),
                        std::move(owned[id.receipt_id])});
  }
  return receipts;
}

std::optional<KeptReceipt> LockReceipt(Transaction& tx, const ReceiptId& id) {
  const ResultSet rows = tx.Query("receipt_lock", {id.received_on, id.receipt_id});
  if (rows.empty()) return std::nullopt;
  return KeptReceipt{ReadReceiptRow(rows[0]), !Dropped(tx, {id.receipt_id}).empty(),
                     std::move(ReadOwned(tx, {id.receipt_id})[id.receipt_id])};
}

std::optional<std::string> ReadRaw(Transaction& tx, const ReceiptId& id) {
  const ResultSet rows = tx.Query("receipt_raw", {id.received_on, id.receipt_id});
  if (rows.empty()) return std::nullopt;
  return rows[0].Bytes("body");
}

}  // namespace tlsrpt::store
