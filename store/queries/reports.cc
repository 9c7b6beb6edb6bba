#include "store/queries/reports.h"

#include <map>
#include <tuple>
#include <utility>

namespace tlsrpt::store {
namespace {

ReportRef RefOf(const Row& row) {
  return {std::string(row.Text("policy_domain")), row.Date("day"),
          std::string(row.Text("reporter")), row.Uuid("report_key"), row.Bool("vouched")};
}

Params KeyOf(const ReportRef& ref) {
  return {ref.policy_domain, ref.day, ref.report_key, ref.reporter, ref.vouched};
}

using CountsByReport = std::map<std::string, std::vector<PolicyTypeCounts>>;

CountsByReport ReadCounts(Transaction& tx, const ReportPageQuestion& question,
                          const std::vector<ReportLine>& page) {
  CountsByReport counts;
  if (page.empty()) return counts;
  std::vector<Uuid> keys;
  for (const ReportLine& line : page) keys.push_back(line.ref.report_key);
  for (const Row row :
       tx.Query("report_page_counts",
                {question.names, page.back().ref.day, page.front().ref.day, keys})) {
    counts[ToText(RefOf(row))].push_back(
        {static_cast<PolicyType>(row.Int32("policy_type")), row.Int64("success_sessions"),
         row.Int64("failure_sessions"), row.Int64("unexplained_sessions")});
  }
  return counts;
}

std::optional<PolicyText> PolicyOf(const Row& row, PolicyType type) {
  if (row.IsNull("mode")) return std::nullopt;
  PolicyText text;
  text.type = type;
  text.mode = static_cast<PolicyMode>(row.Int32("mode"));
  if (const auto max_age = row.OptionalInt64("max_age_seconds")) {
    text.max_age = std::chrono::seconds(*max_age);
  }
  text.mx_patterns = row.TextArray("mx_patterns");
  text.lines = row.TextArray("lines");
  return text;
}

std::vector<PolicyResult> ReadResults(Transaction& tx, const ReportRef& ref) {
  std::map<std::int64_t, PolicyResult> results;
  for (const Row row : tx.Query("report_results", KeyOf(ref))) {
    PolicyResult result;
    result.policy_type = static_cast<PolicyType>(row.Int32("policy_type"));
    result.policy_type_text = row.Text("policy_type_text");
    result.policy_domain = ref.policy_domain;
    result.policy = PolicyOf(row, result.policy_type);
    result.success_sessions = row.Int64("success_sessions");
    result.failure_sessions = row.Int64("failure_sessions");
    result.unexplained_sessions = row.Int64("unexplained_sessions");
    results.emplace(row.Int64("policy_ix"), std::move(result));
  }
  for (const Row row : tx.Query("report_details", KeyOf(ref))) {
    FailureDetail detail;
    detail.result_type = static_cast<ResultType>(row.Int32("result_type"));
    detail.result_type_text = row.Text("result_type_text");
    detail.failed_sessions = row.Int64("failed_sessions");
    detail.sending_mta_ip = row.OptionalText("sending_mta_ip").value_or("");
    detail.receiving_ip = row.OptionalText("receiving_ip").value_or("");
    detail.receiving_mx = row.Text("receiving_mx");
    detail.helo = row.Text("helo");
    detail.reason = row.Text("reason");
    detail.information = row.Text("information");
    results[row.Int64("policy_ix")].details.push_back(std::move(detail));
  }
  std::vector<PolicyResult> in_order;
  for (auto& [ix, result] : results) in_order.push_back(std::move(result));
  return in_order;
}

}  // namespace

PgResult<std::vector<ReportLine>> ReadReportPage(Connection& connection,
                                                 const ReportPageQuestion& question) {
  Params params{question.names, question.first_day, question.last_day, question.vouched,
                question.reporter};
  if (question.after) {
    const ReportRef& after = *question.after;
    for (const Param& param :
         {Param(after.day), Param(after.report_key), Param(after.reporter),
          Param(after.vouched), Param(after.policy_domain)}) {
      params.Add(param);
    }
  } else {
    for (int i = 0; i < 5; ++i) params.Add(std::nullopt);
  }
  params.Add(question.limit);
  return connection.Transact([&](Transaction& tx) {
    std::vector<ReportLine> page;
    for (const Row row : tx.Query("report_page", params)) {
      ReportLine line;
      line.ref = RefOf(row);
      line.provenance = static_cast<Provenance>(row.Int32("provenance"));
      line.why_unvouched = row.Text("why_unvouched");
      line.from_known = row.Bool("from_known");
      line.organisation = row.Text("organisation");
      line.report_id = row.Text("report_id");
      line.period_start = row.Timestamp("period_start");
      line.period_end = row.Timestamp("period_end");
      line.received_at = row.Timestamp("received_at");
      line.receipt_id = row.Uuid("receipt_id");
      line.anomalies = row.Int64("anomaly_count");
      line.repeats_vouched = row.Bool("repeats_vouched");
      page.push_back(std::move(line));
    }
    CountsByReport counts = ReadCounts(tx, question, page);
    for (ReportLine& line : page) line.counts = std::move(counts[ToText(line.ref)]);
    return page;
  });
}

PgResult<std::optional<WholeReport>> ReadReport(Connection& connection,
                                                const ReportRef& ref) {
  return connection.Transact([&](Transaction& tx) {
    std::optional<WholeReport> found;
    for (const Row row : tx.Query("report_one", KeyOf(ref))) {
      WholeReport& report = found.emplace();
      report.ref = ref;
      report.provenance = static_cast<Provenance>(row.Int32("provenance"));
      report.why_unvouched = row.Text("why_unvouched");
      report.from_known = row.Bool("from_known");
      report.organisation = row.Text("organisation");
      report.report_id = row.Text("report_id");
      report.contact = row.Text("contact");
      report.period_start = row.Timestamp("period_start");
      report.period_end = row.Timestamp("period_end");
      report.first_day = row.Date("first_day");
      report.last_day = row.Date("last_day");
      report.received_at = row.Timestamp("received_at");
      report.receipt_id = row.Uuid("receipt_id");
      report.receipt_on = row.Date("receipt_on");
      report.report_ix = row.Int32("report_ix");
      report.parser_version = row.Int32("parser_version");
      report.anomalies = row.TextArray("anomalies");
      report.demo = row.Bool("demo");
    }
    if (found) found->results = ReadResults(tx, ref);
    return found;
  });
}

}  // namespace tlsrpt::store
