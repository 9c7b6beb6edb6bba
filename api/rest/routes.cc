#include "api/rest/routes.h"

#include <algorithm>
#include <optional>
#include <set>

#include "api/rest/handlers.h"
#include "base/text.h"

namespace tlsrpt::api {
namespace {

constexpr Route kRoutes[] = {
    {"GET", "/livez", "getLive", "", Access::kOpen, GetLive, Needs::kNothing},
    {"GET", "/readyz", "getReady", "", Access::kOpen, GetReady, Needs::kAnAttempt},
    {"GET", "/metrics", "getMetrics", "", Access::kRead, GetMetrics, Needs::kAnAttempt},
    {"GET", "/openapi.yaml", "getOpenApi", "", Access::kOpen, GetOpenApi,
     Needs::kNothing},
    {"GET", "/v1/status", "getStatus", "", Access::kRead, GetStatus, Needs::kAnAttempt},
    {"GET", "/v1/fleet", "getFleet", "", Access::kRead, GetFleet},
    {"GET", "/v1/domains", "listDomains", "limit cursor verdicts state search",
     Access::kRead, ListDomains},
    {"POST", "/v1/domains", "addDomain", "", Access::kAdmin, AddDomain},
    {"GET", "/v1/domains/{domain}", "getDomain", "", Access::kRead, GetDomain},
    {"DELETE", "/v1/domains/{domain}", "removeDomain", "", Access::kAdmin, RemoveDomain},
    {"GET", "/v1/domains/{domain}/summary", "getSummary", "from to vouched",
     Access::kRead, GetSummary},
    {"GET", "/v1/domains/{domain}/failures", "listFailures", "from to vouched limit",
     Access::kRead, ListFailures},
    {"GET", "/v1/domains/{domain}/readiness", "getReadiness",
     "as_of known_at window_days live", Access::kRead, GetReadiness},
    {"GET", "/v1/domains/{domain}/waivers", "listWaivers", "", Access::kRead,
     ListWaivers},
    {"POST", "/v1/domains/{domain}/waivers", "addWaiver", "", Access::kAdmin, AddWaiver},
    {"DELETE", "/v1/domains/{domain}/waivers/{waiver}", "withdrawWaiver", "",
     Access::kAdmin, WithdrawWaiver},
    {"GET", "/v1/domains/{domain}/settings", "getSettings", "", Access::kRead,
     GetSettings},
    {"PATCH", "/v1/domains/{domain}/settings", "changeSettings", "", Access::kAdmin,
     ChangeSettings},
    {"GET", "/v1/domains/{domain}/incidents", "listIncidents", "limit", Access::kRead,
     ListIncidents},
    {"GET", "/v1/domains/{domain}/observations", "listObservations", "limit cursor",
     Access::kRead, ListObservations},
    {"GET", "/v1/domains/{domain}/changes", "listChanges", "limit cursor", Access::kRead,
     ListChanges},
    {"GET", "/v1/domains/{domain}/reports", "listReports",
     "from to vouched reporter limit cursor", Access::kRead, ListReports},
    {"GET", "/v1/reports/{report}", "getReport", "", Access::kRead, GetReport},
    {"GET", "/v1/reports/{report}/raw", "getReportRaw", "", Access::kRead, GetReportRaw},
    {"GET", "/v1/receipts", "listReceipts", "from to outcome transport limit cursor",
     Access::kRead, ListReceipts},
    {"GET", "/v1/receipts/{receipt}", "getReceipt", "", Access::kRead, GetReceipt},
    {"GET", "/v1/receipts/{receipt}/raw", "getReceiptRaw", "", Access::kRead,
     GetReceiptRaw},
    {"GET", "/v1/quarantine", "listQuarantine", "from to reason vouched limit cursor",
     Access::kRead, ListQuarantine},
};

// What stands for each {} where `pattern` fits.
std::optional<std::vector<std::string>> Fit(std::string_view pattern,
                                            const std::vector<std::string>& segments) {
  const auto wanted = Split(pattern.substr(1), '/');
  if (wanted.size() != segments.size()) return std::nullopt;
  std::vector<std::string> path;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].starts_with('{')) {
      path.push_back(segments[i]);
    } else if (wanted[i] != segments[i]) {
      return std::nullopt;
    }
  }
  return path;
}

std::optional<Refusal> UnknownParameter(const Route& route, const Target& target) {
  const auto known = Split(route.parameters, ' ');
  for (const auto& [name, value] : target.parameters) {
    if (!name.empty() && std::find(known.begin(), known.end(), name) != known.end()) {
      continue;
    }
    return Refusal(400, "parameter " + name + " is none of this resource" +
                            (route.parameters.empty()
                                 ? std::string()
                                 : "; it knows " + std::string(route.parameters)));
  }
  return std::nullopt;
}

}  // namespace

std::span<const Route> Routes() { return kRoutes; }

Rest<Match> FindRoute(std::string_view method, const Target& target) {
  if (method == "HEAD") method = "GET";
  std::set<std::string> allowed;
  for (const Route& route : kRoutes) {
    auto path = Fit(route.pattern, target.segments);
    if (!path) continue;
    if (route.method == method) {
      if (auto unknown = UnknownParameter(route, target)) return *std::move(unknown);
      return Match{&route, std::move(*path)};
    }
    allowed.emplace(route.method);
    if (route.method == "GET") allowed.emplace("HEAD");
  }
  if (allowed.empty()) {
    return Refusal(404, "there is no such resource; /openapi.yaml lists them");
  }
  Refusal refusal(405, std::string(method) + " is not for this resource");
  refusal.headers.emplace_back("Allow", Join({allowed.begin(), allowed.end()}, ", "));
  return refusal;
}

}  // namespace tlsrpt::api
