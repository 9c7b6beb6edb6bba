#include "store/queries/receipt_pages.h"

#include <map>
#include <utility>

#include "store/receipts/receipt_row.h"

namespace tlsrpt::store {
namespace {

using std::chrono::days;
using std::chrono::floor;

// A receipt id is made before the spool writes, received_at beside it: at midnight the
// two may fall on two days.
constexpr days kIdTimeSlack{1};

ReceiptLine LineOf(const Row& row) {
  ReceiptLine line;
  line.receipt = ReceiptOf(row);
  line.received_on = row.Date("received_on");
  line.outcome = static_cast<Outcome>(row.Int32("outcome"));
  line.stored_count = row.Int32("stored_count");
  line.duplicate_count = row.Int32("duplicate_count");
  line.duplicate_key_count = row.Int32("duplicate_key_count");
  return line;
}

// Apart from the receipts: on Citus the three tables do not lie together.
void AddReportsAndDrops(Transaction& tx, std::vector<ReceiptLine>& lines) {
  if (lines.empty()) return;
  std::vector<Uuid> ids;
  for (const ReceiptLine& line : lines) ids.push_back(line.receipt.receipt_id);
  std::map<Uuid, std::vector<ReportRef>> reports;
  for (const Row row : tx.Query("receipt_reports", {ids})) {
    reports[row.Uuid("receipt_id")].push_back(
        {std::string(row.Text("policy_domain")), row.Date("day"),
         std::string(row.Text("reporter")), row.Uuid("report_key"), row.Bool("vouched")});
  }
  std::set<Uuid> dropped;
  for (const Row row : tx.Query("quarantine_dropped", {ids})) {
    dropped.insert(row.Uuid("receipt_id"));
  }
  for (ReceiptLine& line : lines) {
    line.reports = std::move(reports[line.receipt.receipt_id]);
    line.dropped = dropped.contains(line.receipt.receipt_id);
  }
}

Param CodeOf(const auto& code) {
  if (!code) return std::nullopt;
  return Param(static_cast<std::int64_t>(*code));
}

}  // namespace

std::set<std::string> ReceiptLine::Domains() const {
  std::set<std::string> domains(receipt.foreign_domains.begin(),
                                receipt.foreign_domains.end());
  domains.insert(receipt.quarantined_domains.begin(), receipt.quarantined_domains.end());
  for (const ReportRef& ref : reports) domains.insert(ref.policy_domain);
  return domains;
}

PgResult<std::vector<ReceiptLine>> ReadReceiptPage(Connection& connection,
                                                   const ReceiptPageQuestion& question) {
  Params params{question.first_day, question.last_day};
  if (question.quarantined_only) {
    params.Add(question.reason);
    params.Add(question.vouched);
  } else {
    params.Add(CodeOf(question.outcome));
    params.Add(CodeOf(question.transport));
  }
  params.Add(question.after ? Param(question.after->received_on) : Param(std::nullopt));
  params.Add(question.after ? Param(question.after->receipt_id) : Param(std::nullopt));
  params.Add(question.limit);
  return connection.Transact([&](Transaction& tx) {
    std::vector<ReceiptLine> lines;
    for (const Row row : tx.Query(
             question.quarantined_only ? "quarantine_page" : "receipt_page", params)) {
      lines.push_back(LineOf(row));
    }
    AddReportsAndDrops(tx, lines);
    return lines;
  });
}

PgResult<std::optional<ReceiptLine>> ReadReceiptLine(Connection& connection,
                                                     const Uuid& receipt_id) {
  const auto day = floor<days>(TimeOf(receipt_id));
  return connection.Transact([&](Transaction& tx) {
    std::vector<ReceiptLine> found;
    for (const Row row :
         tx.Query("receipt_one", {receipt_id, day - kIdTimeSlack, day + kIdTimeSlack})) {
      found.push_back(LineOf(row));
    }
    AddReportsAndDrops(tx, found);
    return found.empty() ? std::optional<ReceiptLine>() : std::move(found.front());
  });
}

PgResult<std::optional<std::string>> ReadRawBytes(Connection& connection,
                                                  std::chrono::sys_days received_on,
                                                  const Uuid& receipt_id) {
  return connection.Transact([&](Transaction& tx) {
    std::optional<std::string> body;
    for (const Row row : tx.Query("receipt_body", {received_on, receipt_id})) {
      body = row.Bytes("body");
    }
    return body;
  });
}

}  // namespace tlsrpt::store
