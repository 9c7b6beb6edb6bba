// /v1/domains: whose reports are taken.

#include <utility>

#include "api/fleet/ask.h"
#include "api/readiness/format.h"
#include "api/rest/change.h"
#include "api/rest/cursor.h"
#include "api/rest/domain_access.h"
#include "api/rest/handlers.h"
#include "api/rest/parameters.h"
#include "store/admin/domain_list.h"
#include "store/queries/domain_page.h"

namespace tlsrpt::api {
namespace {

constexpr std::string_view kList = "domains";
// A verdict reads some weeks of evidence: so many on one page.
constexpr std::int64_t kMaxVerdicts = 100;

bool IsWildcard(const std::string& domain) { return domain.starts_with('.'); }

Json ToJson(const store::DomainRow& row) {
  return {{"domain", row.domain},
          {"source", row.source},
          {"added_at", TimeText(row.added_at)},
          {"wildcard", IsWildcard(row.domain)},
          {"demo", row.demo}};
}

// The verdict in short; /readiness has all of it.
Json InShort(const Verdict& verdict) {
  return {{"verdict", std::string(NameOf(verdict.kind))},
          {"health", TextOrNull(NameOf(verdict.health))},
          {"confidence", TextOrNull(NameOf(verdict.confidence))},
          {"sentence", verdict.sentence},
          {"earliest_ready", verdict.earliest_ready.day
                                 ? DateToJson(*verdict.earliest_ready.day)
                                 : Json(nullptr)}};
}

// null for a wildcard: no report is about ".example.net".
Rest<Json> VerdictOf(const Call& call, const std::string& domain) {
  if (IsWildcard(domain)) return Json(nullptr);
  auto found = store::ReadDomain(*call.database, domain);
  if (!found) return Refusal(std::move(found).error());
  if (!*found) return Json(nullptr);  // removed a moment ago
  const TimePoint now = call.around.clock->Now();
  const auto verdict = AskReadiness(*call.database,
                                    {.domain = domain,
                                     .mx_hosts = (*found)->mx_hosts,
                                     .demo = (*found)->row.demo,
                                     .as_of = now,
                                     .asked_at = now,
                                     .known_at = {}},
                                    call.around.readiness);
  if (!verdict) return Refusal(verdict.error());
  return InShort(*verdict);
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
  const bool with_verdicts = verdicts->value_or(false);
  const auto limit = NumberParameter(call, "limit", kDefaultLimit, 1,
                                     with_verdicts ? kMaxVerdicts : kMaxLimit);
  if (!limit) return limit.error();
  store::DomainPageQuestion question;
  question.only = call.caller.domains;
  question.limit = *limit + 1;  // one more says that there is a next page
  if (const auto cursor = TextParameter(call, "cursor")) {
    const auto key = ReadCursor(kList, 1, *cursor);
    if (!key) return Refusal(key.error());
    question.after = key->front();
  }
  auto page = store::ReadDomainPage(*call.database, question);
  if (!page) return Refusal(std::move(page).error());
  std::optional<std::string> next;
  if (std::ssize(*page) > *limit) {
    page->resize(static_cast<std::size_t>(*limit));
    next = MakeCursor(kList, {page->back().domain});
  }
  Json items = Json::array();
  for (const store::DomainRow& row : *page) {
    Json item = ToJson(row);
    if (with_verdicts) {
      auto verdict = VerdictOf(call, row.domain);
      if (!verdict) return std::move(verdict).error();
      item["readiness"] = *std::move(verdict);
    }
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
  auto verdict = VerdictOf(call, found->row.domain);
  if (!verdict) return std::move(verdict).error();
  json["readiness"] = *std::move(verdict);
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
