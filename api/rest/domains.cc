// /v1/domains: whose reports are taken.

#include <algorithm>
#include <utility>

#include "api/fleet/moment.h"
#include "api/fleet/states.h"
#include "api/readiness/format.h"
#include "api/rest/change.h"
#include "api/rest/cursor.h"
#include "api/rest/domain_access.h"
#include "api/rest/handlers.h"
#include "api/rest/parameters.h"
#include "api/rest/standing_json.h"
#include "base/text.h"
#include "store/admin/domain_list.h"
#include "store/queries/domain_page.h"
#include "store/queries/fleet.h"

namespace tlsrpt::api {
namespace {

constexpr std::string_view kList = "domains";

bool IsWildcard(const std::string& domain) { return domain.starts_with('.'); }

Json ToJson(const store::DomainRow& row) {
  return {{"domain", row.domain},
          {"source", row.source},
          {"added_at", TimeText(row.added_at)},
          {"wildcard", IsWildcard(row.domain)},
          {"demo", row.demo}};
}

// How it stands, by the status that was written last; /readiness decides anew.
Rest<Json> StandingOf(const Call& call, const std::string& domain) {
  const auto moment =
      ReadMoment(*call.database, call.around.readiness, call.around.clock->Now());
  if (!moment) return Refusal(moment.error());
  const auto row = store::ReadFleetRow(*call.database, domain, *moment);
  if (!row) return Refusal(row.error());
  if (!*row) return Json(nullptr);  // removed a moment ago
  return StandingJson(**row);
}

// A verdict, or "unknown".
Rest<std::optional<std::string>> StateParameter(const Call& call) {
  auto state = TextParameter(call, "state");
  const auto names = StateNames();
  if (!state || std::find(names.begin(), names.end(), *state) != names.end()) {
    return state;
  }
  return Refusal(400, "parameter state=" + *state + " is none of " + Join(names, ", "));
}

// The body of POST.
Rest<std::string> NewDomainOf(const net::HttpRequest& request) {
  const auto json = BodyOf(request, "{\"domain\": \"...\"}");
  if (!json) return json.error();
  if (!json->contains("domain") || !(*json)["domain"].is_string()) {
    return Refusal(400, "the body must be {\"domain\": \"...\"}");
  }
  return (*json)["domain"].get<std::string>();
}

}  // namespace

Rest<Answer> ListDomains(const Call& call) {
  const auto verdicts = BoolParameter(call, "verdicts");
  if (!verdicts) return verdicts.error();
  auto state = StateParameter(call);
  if (!state) return std::move(state).error();
  const bool with_verdicts = verdicts->value_or(false) || *state;
  const auto limit = NumberParameter(call, "limit", kDefaultLimit, 1, kMaxLimit);
  if (!limit) return limit.error();
  store::FleetPageQuestion question;
  question.only = call.caller.domains;
  question.limit = *limit + 1;  // one more says that there is a next page
  question.state = *std::move(state);
  question.search = ToLowerAscii(TextParameter(call, "search").value_or(""));
  if (const auto cursor = TextParameter(call, "cursor")) {
    const auto key = ReadCursor(kList, 1, *cursor);
    if (!key) return Refusal(key.error());
    question.after = key->front();
  }
  const auto moment =
      ReadMoment(*call.database, call.around.readiness, call.around.clock->Now());
  if (!moment) return Refusal(moment.error());
  auto page = store::ReadFleetPage(*call.database, question, *moment);
  if (!page) return Refusal(std::move(page).error());
  std::optional<std::string> next;
  if (std::ssize(*page) > *limit) {
    page->resize(static_cast<std::size_t>(*limit));
    next = MakeCursor(kList, {page->back().domain.domain});
  }
  Json items = Json::array();
  for (const store::FleetRow& row : *page) {
    Json item = ToJson(row.domain);
    if (with_verdicts) item["readiness"] = StandingJson(row);
    items.push_back(std::move(item));
  }
  return JsonAnswer(PageOf(std::move(items), next));
}

Rest<Answer> AddDomain(const Call& call) {
  const auto text = NewDomainOf(call.request);
  if (!text) return text.error();
  const auto domain = NormaliseEntry(*text);
  if (!domain) return domain.error();
  if (auto sees = CheckSees(call.caller, *domain); !sees) return sees.error();
  const auto there = store::ReadDomain(*call.database, *domain);
  if (!there) return Refusal(there.error());
  const auto connection = ConnectToChange(call);
  if (!connection) return connection.error();
  const auto added =
      store::AddDomains(**connection, {*domain}, "command", call.around.clock->Now());
  if (!added) return Refusal(added.error());
  const auto now_there = store::ReadDomain(*call.database, *domain);
  if (!now_there) return Refusal(now_there.error());
  if (!*now_there) return Refusal(409, *domain + " was removed at the same moment");
  Answer answer = JsonAnswer(ToJson((*now_there)->row), *there ? 200 : 201);
  answer.cacheable = false;
  answer.headers.emplace_back("Location", "/v1/domains/" + *domain);
  return answer;
}

Rest<Answer> GetDomain(const Call& call) {
  const auto found = FindDomain(call);
  if (!found) return found.error();
  Json json = ToJson(found->row);
  json["mx_hosts"] = found->mx_hosts;
  auto standing = StandingOf(call, found->row.domain);
  if (!standing) return std::move(standing).error();
  json["readiness"] = *std::move(standing);
  return JsonAnswer(json);
}

Rest<Answer> RemoveDomain(const Call& call) {
  const auto found = FindDomain(call);
  if (!found) return found.error();
  const auto connection = ConnectToChange(call);
  if (!connection) return connection.error();
  const auto removed = store::RemoveDomain(**connection, found->row.domain);
  if (!removed) return Refusal(removed.error());
  return Answer{.status = 204, .content_type = {}, .body = {}, .cacheable = false};
}

}  // namespace tlsrpt::api
