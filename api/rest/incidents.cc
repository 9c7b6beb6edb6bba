// GET /v1/domains/{domain}/incidents: its failures, of one kind at one MX each, from the
// first day to the last.

#include <utility>

#include "api/fleet/ask.h"
#include "api/readiness/incidents.h"
#include "api/rest/domain_access.h"
#include "api/rest/handlers.h"
#include "api/rest/parameters.h"

namespace tlsrpt::api {

Rest<Answer> ListIncidents(const Call& call) {
  const auto domain = FindSingleDomain(call);
  if (!domain) return domain.error();
  const auto limit = NumberParameter(call, "limit", kDefaultLimit, 1, kMaxLimit);
  if (!limit) return limit.error();
  const TimePoint now = call.around.clock->Now();
  const auto basis =
      ReadBasis(*call.database, AboutNow(*domain, now), call.around.readiness);
  if (!basis) return Refusal(basis.error());
  const auto incidents = IncidentsOf(basis->evidence, basis->rules, now);
  Json items = Json::array();
  for (const Incident& incident : incidents) {
    if (std::ssize(items) == *limit) break;
    items.push_back(ToJson(incident, domain->row.domain));
  }
  const auto left_out = std::ssize(incidents) - std::ssize(items);
  return JsonAnswer({{"items", std::move(items)}, {"incidents_left_out", left_out}});
}

}  // namespace tlsrpt::api
