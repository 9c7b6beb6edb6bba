// Single reports: the list of a domain, one with all it says, and its raw bytes.

#include <utility>

#include "api/readiness/format.h"
#include "api/rest/cursor.h"
#include "api/rest/domain_access.h"
#include "api/rest/handlers.h"
#include "api/rest/parameters.h"
#include "api/rest/raw_bytes.h"
#include "base/text.h"
#include "store/queries/receipt_pages.h"
#include "store/queries/reports.h"

namespace tlsrpt::api {
namespace {

constexpr std::string_view kList = "reports";

// What the two forms have in common.
template <class Line>
Json HeadOf(const Line& report) {
  return {{"id", store::ToText(report.ref)},
          {"policy_domain", report.ref.policy_domain},
          {"day", DateToJson(report.ref.day)},
          {"period_start", TimeText(report.period_start)},
          {"period_end", TimeText(report.period_end)},
          {"received_at", TimeText(report.received_at)},
          {"reporter", TextOrNull(report.ref.reporter)},
          {"provenance", std::string(store::NameOf(report.provenance))},
          {"vouched", report.ref.vouched},
          {"why_unvouched", TextOrNull(report.why_unvouched)},
          {"from_known", report.from_known},
          {"organisation", TextOrNull(report.organisation)},
          {"report_id", TextOrNull(report.report_id)},
          {"receipt_id", report.receipt_id.ToString()}};
}

Json ToJson(const store::ReportLine& line) {
  Json json = HeadOf(line);
  json["repeats_vouched"] = line.repeats_vouched;
  json["anomaly_count"] = line.anomalies;
  Json counts = Json::array();
  for (const store::PolicyTypeCounts& of_type : line.counts) {
    counts.push_back({{"policy_type", std::string(store::NameOf(of_type.policy_type))},
                      {"success_sessions", of_type.success_sessions},
                      {"failure_sessions", of_type.failure_sessions},
                      {"unexplained_sessions", of_type.unexplained_sessions}});
  }
  json["counts"] = std::move(counts);
  return json;
}

Json ToJson(const store::FailureDetail& detail) {
  return {{"result_type", std::string(store::NameOf(detail.result_type))},
          {"result_type_text", TextOrNull(detail.result_type_text)},
          {"failed_sessions", detail.failed_sessions},
          {"sending_mta_ip", TextOrNull(detail.sending_mta_ip)},
          {"receiving_ip", TextOrNull(detail.receiving_ip)},
          {"receiving_mx", TextOrNull(detail.receiving_mx)},
          {"helo", TextOrNull(detail.helo)},
          {"reason", TextOrNull(detail.reason)},
          {"information", TextOrNull(detail.information)}};
}

Json ToJson(const store::PolicyText& text) {
  return {{"mode", std::string(store::NameOf(text.mode))},
          {"max_age_seconds", text.max_age ? Json(text.max_age->count()) : Json(nullptr)},
          {"mx_patterns", text.mx_patterns},
          {"lines", text.lines}};
}

Json ToJson(const store::PolicyResult& result) {
  Json details = Json::array();
  for (const store::FailureDetail& detail : result.details) {
    details.push_back(ToJson(detail));
  }
  return {{"policy_type", std::string(store::NameOf(result.policy_type))},
          {"policy_type_text", TextOrNull(result.policy_type_text)},
          {"success_sessions", result.success_sessions},
          {"failure_sessions", result.failure_sessions},
          {"unexplained_sessions", result.unexplained_sessions},
          {"policy", result.policy ? ToJson(*result.policy) : Json(nullptr)},
          {"failure_details", std::move(details)}};
}

// "field_missing contact-info"
Json AnomaliesOf(const std::vector<std::string>& anomalies) {
  Json list = Json::array();
  for (const std::string& anomaly : anomalies) {
    const std::size_t blank = anomaly.find(' ');
    list.push_back(
        {{"code", anomaly.substr(0, blank)},
         {"field", TextOrNull(blank == std::string::npos ? std::string()
                                                         : anomaly.substr(blank + 1))}});
  }
  return list;
}

// A token's domains, and the MX hosts of each: what is filed under those is theirs too,
// unless such a host is somebody else's domain.
Rest<void> CheckSeesFiled(const Call& call, const std::string& filed_under) {
  if (call.caller.Sees(filed_under)) return {};
  for (const std::string& domain : *call.caller.domains) {
    const auto found = store::ReadDomain(*call.database, domain);
    if (!found) return Refusal(found.error());
    if (*found && SeesHost(call.caller, **found, filed_under)) return {};
  }
  return CheckSees(call.caller, filed_under);
}

Rest<store::WholeReport> FindReport(const Call& call) {
  const auto ref = store::ParseReportRef(call.path.at(0));
  if (!ref) return Refusal(404, "this is the id of no report");
  if (auto sees = CheckSeesFiled(call, ref->policy_domain); !sees) return sees.error();
  auto found = store::ReadReport(*call.database, *ref);
  if (!found) return Refusal(std::move(found).error());
  if (!*found) return Refusal(404, "there is no such report, or no longer");
  return **std::move(found);
}

}  // namespace

Rest<Answer> ListReports(const Call& call) {
  const auto domain = FindDomain(call);
  if (!domain) return domain.error();
  const auto range = DaysParameter(call);
  if (!range) return range.error();
  const auto vouched = BoolParameter(call, "vouched");
  if (!vouched) return vouched.error();
  const auto limit = NumberParameter(call, "limit", kDefaultLimit, 1, kMaxLimit);
  if (!limit) return limit.error();

  store::ReportPageQuestion question;
  question.names = NamesOf(call.caller, *domain);
  question.first_day = range->first;
  question.last_day = range->last;
  question.vouched = *vouched;
  question.limit = *limit + 1;  // one more says that there is a next page
  if (const auto reporter = TextParameter(call, "reporter")) {
    question.reporter = ToLowerAscii(*reporter);
  }
  if (const auto cursor = TextParameter(call, "cursor")) {
    const auto key = ReadCursor(kList, 1, *cursor);
    if (!key) return Refusal(key.error());
    question.after = store::ParseReportRef(key->front());
    if (!question.after) return Refusal(400, "cursor is none of this list");
  }
  auto page = store::ReadReportPage(*call.database, question);
  if (!page) return Refusal(std::move(page).error());
  std::optional<std::string> next;
  if (std::ssize(*page) > *limit) {
    page->resize(static_cast<std::size_t>(*limit));
    next = MakeCursor(kList, {store::ToText(page->back().ref)});
  }
  Json items = Json::array();
  for (const store::ReportLine& line : *page) items.push_back(ToJson(line));
  return JsonAnswer(PageOf(std::move(items), next));
}

Rest<Answer> GetReport(const Call& call) {
  const auto report = FindReport(call);
  if (!report) return report.error();
  Json json = HeadOf(*report);
  json["demo"] = report->demo;
  json["contact"] = TextOrNull(report->contact);
  json["first_day"] = DateToJson(report->first_day);
  json["last_day"] = DateToJson(report->last_day);
  json["report_ix"] = report->report_ix;
  json["parser_version"] = report->parser_version;
  json["anomalies"] = AnomaliesOf(report->anomalies);
  Json results = Json::array();
  for (const store::PolicyResult& result : report->results) {
    results.push_back(ToJson(result));
  }
  json["policy_results"] = std::move(results);
  return JsonAnswer(json);
}

Rest<Answer> GetReportRaw(const Call& call) {
  const auto report = FindReport(call);
  if (!report) return report.error();
  const auto receipt = store::ReadReceiptLine(*call.database, report->receipt_id);
  if (!receipt) return Refusal(receipt.error());
  if (!*receipt) return Refusal(404, "the receipt of this report is gone");
  return RawBytesOf(call, **receipt);
}

}  // namespace tlsrpt::api
