// GET /v1/domains/{domain}/observations: what looks at the live domain found, as they are
// stored (store/model/observation_json.h), but for the times, which are for people here.

#include <limits>
#include <utility>

#include "api/readiness/format.h"
#include "api/readiness/live.h"
#include "api/rest/cursor.h"
#include "api/rest/domain_access.h"
#include "api/rest/handlers.h"
#include "api/rest/parameters.h"
#include "base/text.h"
#include "store/model/observation_json.h"
#include "store/queries/observations.h"

namespace tlsrpt::api {
namespace {

constexpr std::string_view kList = "observations";
// One holds a policy file and every MX, with certificates.
constexpr std::int64_t kMaxObservations = 100;

Json ToAnswer(const store::StoredObservation& stored, const std::string& domain) {
  const store::Observation& look = stored.observation;
  Json json = Json::parse(store::ToJson(look));
  json["observed_at"] = TimeText(look.observed_at);
  const auto show_times = [](Json& certificate,
                             const std::optional<store::Certificate>& of) {
    if (!of) return;
    certificate["not_before"] = TimeText(of->not_before);
    certificate["not_after"] = TimeText(of->not_after);
  };
  show_times(json["policy"]["certificate"], look.policy.certificate);
  for (std::size_t i = 0; i < look.addresses.size(); ++i) {
    show_times(json["addresses"][i]["certificate"], look.addresses[i].certificate);
  }
  json["id"] = ReferenceTo(look, domain);
  json["node"] = stored.node;
  return json;
}

}  // namespace

Rest<Answer> ListObservations(const Call& call) {
  const auto domain = FindSingleDomain(call);
  if (!domain) return domain.error();
  const auto limit = NumberParameter(call, "limit", 20, 1, kMaxObservations);
  if (!limit) return limit.error();
  // Looks are made now or earlier; a clock that is ahead by a day is shown as well.
  TimePoint before = call.around.clock->Now() + std::chrono::days{1};
  if (const auto cursor = TextParameter(call, "cursor")) {
    const auto key = ReadCursor(kList, 1, *cursor);
    if (!key) return Refusal(key.error());
    const auto micros = ParseUnsigned(key->front());
    if (!micros || *micros > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) {
      return Refusal(400, "cursor is none of this list");
    }
    before = TimePoint{std::chrono::microseconds{static_cast<std::int64_t>(*micros)}};
  }
  auto page =
      store::ReadObservationPage(*call.database, domain->row.domain, before,
                                 static_cast<std::size_t>(*limit) + 1);  // is there more?
  if (!page) return Refusal(std::move(page).error());
  std::optional<std::string> next;
  if (std::ssize(*page) > *limit) {
    page->resize(static_cast<std::size_t>(*limit));
    next = MakeCursor(
        kList, {std::to_string(
                   page->back().observation.observed_at.time_since_epoch().count())});
  }
  Json items = Json::array();
  for (const auto& stored : *page) items.push_back(ToAnswer(stored, domain->row.domain));
  return JsonAnswer(PageOf(std::move(items), next));
}

}  // namespace tlsrpt::api
