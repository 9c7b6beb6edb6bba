// GET /v1/domains/{domain}/failures: failed sessions by result type, MX, reason and
// reporter, the largest group first.

#include <utility>

#include "api/rest/domain_access.h"
#include "api/rest/handlers.h"
#include "api/rest/parameters.h"
#include "store/queries/summary.h"

namespace tlsrpt::api {
namespace {

Json ToJson(const store::FailureLine& line) {
  return {{"policy_domain", line.filed_under},
          {"policy_type", std::string(store::NameOf(line.policy_type))},
          {"result_type", std::string(store::NameOf(line.result_type))},
          {"result_type_text", TextOrNull(line.result_type_text)},
          {"receiving_mx", TextOrNull(line.receiving_mx)},
          {"reason", TextOrNull(line.reason)},
          {"reporter", TextOrNull(line.reporter)},
          {"vouched", line.vouched},
          {"failed_sessions", line.failed_sessions},
          {"reports", line.reports},
          {"first_day", DateToJson(line.first_day)},
          {"last_day", DateToJson(line.last_day)}};
}

}  // namespace

Rest<Answer> ListFailures(const Call& call) {
  const auto domain = FindDomain(call);
  if (!domain) return domain.error();
  const auto range = DaysParameter(call);
  if (!range) return range.error();
  const auto vouched = BoolParameter(call, "vouched");
  if (!vouched) return vouched.error();
  const auto limit = NumberParameter(call, "limit", kDefaultLimit, 1, kMaxLimit);
  if (!limit) return limit.error();
  const auto found = store::ReadFailures(*call.database,
                                         {.names = NamesOf(call.caller, *domain),
                                          .first_day = range->first,
                                          .last_day = range->last,
                                          .vouched = *vouched},
                                         *limit);
  if (!found) return Refusal(found.error());
  Json items = Json::array();
  for (const store::FailureLine& line : found->lines) items.push_back(ToJson(line));
  // Groups are ordered by their size, which changes with every report: no cursor could
  // be stable, so what is left out is said instead.
  return JsonAnswer({{"domain", domain->row.domain},
                     {"from", DateToJson(range->first)},
                     {"to", DateToJson(range->last)},
                     {"items", std::move(items)},
                     {"groups_left_out", found->groups - std::ssize(found->lines)}});
}

}  // namespace tlsrpt::api
