// GET /v1/domains/{domain}/summary: sessions by day, for the chart; and by day, reporter
// and policy type, for whoever wants to know who said so.

#include <utility>

#include "api/rest/domain_access.h"
#include "api/rest/handlers.h"
#include "api/rest/parameters.h"
#include "store/queries/summary.h"

namespace tlsrpt::api {
namespace {

Json ToJson(const store::SessionSums& sums) {
  return {{"reports", sums.reports},
          {"success_sessions", sums.success_sessions},
          {"failure_sessions", sums.failure_sessions},
          {"unexplained_sessions", sums.unexplained_sessions}};
}

store::SessionSums& operator+=(store::SessionSums& sums, const store::SessionSums& more) {
  sums.reports += more.reports;
  sums.success_sessions += more.success_sessions;
  sums.failure_sessions += more.failure_sessions;
  sums.unexplained_sessions += more.unexplained_sessions;
  return sums;
}

}  // namespace

Rest<Answer> GetSummary(const Call& call) {
  const auto domain = FindDomain(call);
  if (!domain) return domain.error();
  const auto range = DaysParameter(call);
  if (!range) return range.error();
  const auto vouched = BoolParameter(call, "vouched");
  if (!vouched) return vouched.error();
  const auto summary =
      store::ReadSummary(*call.database, {.names = NamesOf(call.caller, *domain),
                                          .first_day = range->first,
                                          .last_day = range->last,
                                          .vouched = *vouched});
  if (!summary) return Refusal(summary.error());

  // What was asked for; null for the other.
  const auto group = [&](bool of_vouched, const store::SessionSums& sums) {
    return vouched->value_or(of_vouched) == of_vouched ? ToJson(sums) : Json(nullptr);
  };
  store::SessionSums all_vouched;
  store::SessionSums all_unvouched;
  Json days = Json::array();
  Json mx_days = Json::array();
  for (const store::DaySummary& day : summary->days) {
    // An MX host may serve many domains, and what is said about it is said of all of
    // them: shown, and not added to this one's.
    const bool own = day.filed_under == domain->row.domain;
    Json item{{"day", DateToJson(day.day)}};
    if (!own) item["mx_host"] = day.filed_under;
    item["vouched"] = group(true, day.vouched);
    item["unvouched"] = group(false, day.unvouched);
    (own ? days : mx_days).push_back(std::move(item));
    if (!own) continue;
    all_vouched += day.vouched;
    all_unvouched += day.unvouched;
  }
  Json rows = Json::array();
  for (const store::ReporterDay& row : summary->rows) {
    Json item{{"day", DateToJson(row.day)},
              {"policy_domain", row.filed_under},
              {"reporter", TextOrNull(row.reporter)},
              {"vouched", row.vouched},
              {"policy_type", std::string(store::NameOf(row.policy_type))}};
    item.update(ToJson(row.sums));
    rows.push_back(std::move(item));
  }
  return JsonAnswer({{"domain", domain->row.domain},
                     {"from", DateToJson(range->first)},
                     {"to", DateToJson(range->last)},
                     {"total",
                      {{"vouched", group(true, all_vouched)},
                       {"unvouched", group(false, all_unvouched)}}},
                     {"days", std::move(days)},
                     {"mx_host_days", std::move(mx_days)},
                     {"rows", std::move(rows)}});
}

}  // namespace tlsrpt::api
