// /v1/fleet: how many domains stand how; /v1/domains/{domain}/changes: how one did.

#include <charconv>
#include <utility>

#include "api/fleet/moment.h"
#include "api/fleet/states.h"
#include "api/readiness/format.h"
#include "api/rest/cursor.h"
#include "api/rest/domain_access.h"
#include "api/rest/handlers.h"
#include "api/rest/parameters.h"
#include "store/queries/fleet.h"

namespace tlsrpt::api {
namespace {

constexpr std::string_view kChanges = "changes";

Json ToJson(const store::DomainState& state) {
  return {{"verdict", state.verdict},
          {"health", TextOrNull(state.health)},
          {"confidence", TextOrNull(state.confidence)}};
}

Json ToJson(const store::StateChange& change) {
  return {{"change", change.change_no},
          {"changed_at", TimeText(change.changed_at)},
          {"from", change.before ? ToJson(*change.before) : Json(nullptr)},
          {"to", ToJson(change.after)},
          {"sentence", change.sentence},
          {"blocking", change.blocking},
          {"basis", change.basis},
          {"evaluated_for", DateToJson(change.evaluated_for)},
          {"ruleset", change.ruleset},
          {"settings", Json::parse(change.settings)},
          {"evidence_digest", change.evidence_digest.ToString()}};
}

// The number at which the page before ended.
Rest<std::optional<std::int64_t>> BeforeOf(const Call& call) {
  const auto cursor = TextParameter(call, "cursor");
  if (!cursor) return std::optional<std::int64_t>();
  const auto key = ReadCursor(kChanges, 1, *cursor);
  if (!key) return Refusal(key.error());
  const std::string& text = key->front();
  std::int64_t number = 0;
  const auto [end, failed] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || end != text.data() + text.size()) {
    return Refusal(400, "cursor is none of this list");
  }
  return std::optional(number);
}

}  // namespace

Rest<Answer> GetFleet(const Call& call) {
  const auto moment =
      ReadMoment(*call.database, call.around.readiness, call.around.clock->Now());
  if (!moment) return Refusal(moment.error());
  const auto counts = store::CountFleet(*call.database, call.caller.domains, *moment);
  if (!counts) return Refusal(counts.error());
  Json states = Json::object();
  for (const std::string& state : StateNames()) {
    const auto found = counts->by_state.find(state);
    states[state] = found == counts->by_state.end() ? 0 : found->second;
  }
  return JsonAnswer({{"domains", counts->domains},
                     {"states", std::move(states)},
                     {"at_risk", counts->at_risk},
                     {"evaluations_due", counts->evaluations_due},
                     {"oldest_due_seconds", counts->oldest_due.count()},
                     {"intake_behind", moment->intake_behind}});
}

Rest<Answer> ListChanges(const Call& call) {
  const auto domain = FindDomain(call);
  if (!domain) return domain.error();
  const auto limit = NumberParameter(call, "limit", kDefaultLimit, 1, kMaxLimit);
  if (!limit) return limit.error();
  const auto before = BeforeOf(call);
  if (!before) return before.error();
  auto changes =
      store::ReadStateChanges(*call.database, domain->row.domain, *before, *limit + 1);
  if (!changes) return Refusal(std::move(changes).error());
  std::optional<std::string> next;
  if (std::ssize(*changes) > *limit) {
    changes->resize(static_cast<std::size_t>(*limit));
    next = MakeCursor(kChanges, {std::to_string(changes->back().change_no)});
  }
  Json items = Json::array();
  for (const store::StateChange& change : *changes) items.push_back(ToJson(change));
  return JsonAnswer(PageOf(std::move(items), next));
}

}  // namespace tlsrpt::api
