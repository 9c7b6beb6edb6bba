// /v1/domains/{domain}/waivers: which reported failures somebody accepts.

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "api/fleet/ask.h"
#include "api/fleet/waiver_words.h"
#include "api/readiness/json.h"
#include "api/rest/change.h"
#include "api/rest/domain_access.h"
#include "api/rest/handlers.h"
#include "base/text.h"
#include "store/admin/exceptions.h"

namespace tlsrpt::api {
namespace {

constexpr std::string_view kExpected =
    "{\"reporter\", \"result_type\", \"mx\", \"reason\", \"why\", \"until\", "
    "\"max_sessions\"}; null where the reporter says nothing";

store::PgResult<Verdict> VerdictOfNow(const Call& call, const store::OneDomain& domain) {
  return AskReadiness(*call.database, AboutNow(domain, call.around.clock->Now()),
                      call.around.readiness);
}

// As the verdict of now uses them.
Rest<std::vector<WaiverUse>> UsesOf(const Call& call, const store::OneDomain& domain) {
  const auto verdict = VerdictOfNow(call, domain);
  if (!verdict) return Refusal(verdict.error());
  return verdict->waivers;
}

// Where no verdict can be read, so that nobody can say which sessions it accepts. The
// waiver is stored all the same, and whoever read an error would make another.
Json NotCounted(store::Waiver waiver, std::string id) {
  waiver.id = std::move(id);
  Json json = ToJson(WaiverUse{
      .waiver = std::move(waiver),
      .sentence = "Stored. Which sessions it accepts cannot be told now, since the "
                  "domain's evidence could not be read; its readiness says why."});
  json["accepted_sessions"] = json["later_sessions"] = nullptr;
  return json;
}

Answer Made(const Json& json) {
  Answer answer = JsonAnswer(json, 201);
  answer.cacheable = false;
  return answer;
}

// A text, or nothing where it is null or absent.
Rest<std::optional<std::string>> TextOf(const Json& json, const char* name) {
  const auto at = json.find(name);
  if (at == json.end() || at->is_null()) return std::optional<std::string>();
  if (!at->is_string()) return Refusal(400, std::string(name) + " must be a text");
  return std::optional(at->get<std::string>());
}

Rest<WaiverWords> WordsOf(const Json& json) {
  WaiverWords words;
  // A misspelt "max_session" must not become a waiver without the future.
  constexpr std::array kMembers = {"reporter", "result_type", "mx",          "reason",
                                   "why",      "until",       "max_sessions"};
  for (const auto& [name, value] : json.items()) {
    if (std::find(kMembers.begin(), kMembers.end(), name) == kMembers.end()) {
      return Refusal(400, CleanUtf8(name, 40) + " is no member of a waiver; expected " +
                              std::string(kExpected));
    }
  }
  // Said, and null where the reporter said nothing: left out it could be an oversight.
  for (const char* name : {"reporter", "mx"}) {
    if (!json.contains(name)) {
      return Refusal(400,
                     std::string(name) + " is missing; null where it is not reported");
    }
  }
  const std::pair<const char*, std::string WaiverWords::*> texts[] = {
      {"reporter", &WaiverWords::reporter},
      {"result_type", &WaiverWords::result_type},
      {"mx", &WaiverWords::mx},
      {"reason", &WaiverWords::reason},
      {"why", &WaiverWords::why}};
  for (const auto& [name, member] : texts) {
    auto text = TextOf(json, name);
    if (!text) return std::move(text).error();
    words.*member = text->value_or("");
  }
  auto until = TextOf(json, "until");
  if (!until) return std::move(until).error();
  words.until = *std::move(until);
  if (const auto at = json.find("max_sessions"); at != json.end() && !at->is_null()) {
    if (!at->is_number_integer() || *at < 0 || *at > store::kMaxWaivedSessions) {
      return Refusal(400, "max_sessions must be a number from 1 to " +
                              std::to_string(store::kMaxWaivedSessions));
    }
    words.max_sessions = at->get<std::int64_t>();
  }
  return words;
}

}  // namespace

Rest<Answer> ListWaivers(const Call& call) {
  const auto domain = FindSingleDomain(call);
  if (!domain) return domain.error();
  const auto uses = UsesOf(call, *domain);
  if (!uses) return uses.error();
  Json items = Json::array();
  for (const WaiverUse& use : *uses) items.push_back(ToJson(use));
  return JsonAnswer({{"items", std::move(items)}});
}

Rest<Answer> AddWaiver(const Call& call) {
  const auto domain = FindSingleDomain(call);
  if (!domain) return domain.error();
  const auto json = BodyOf(call.request, kExpected);
  if (!json) return json.error();
  const auto words = WordsOf(*json);
  if (!words) return words.error();
  auto waiver = WaiverOf(*words, WhoOf(call.caller), call.around.clock->Now());
  if (!waiver) return Refusal(waiver.error());
  const auto settled_at = store::WritesSettledAt(*call.database);
  if (!settled_at) return Refusal(settled_at.error());
  waiver->made_at = std::min(waiver->made_at, *settled_at);
  if (const auto with = AskWithWaiver(*call.database, AboutNow(*domain, waiver->made_at),
                                      call.around.readiness, *waiver)) {
    for (const auto& fit : {AllIsSeen(*with), SomethingIsLeft(*with)}) {
      if (!fit) return Refusal(409, fit.error().message);
    }
  }
  const auto connection = ConnectToChange(call);
  if (!connection) return connection.error();
  const auto id = store::AddWaiver(**connection, domain->row.domain, *waiver);
  if (!id) return Refusal(id.error());
  if (const auto uses = UsesOf(call, *domain)) {
    for (const WaiverUse& use : *uses) {
      if (use.waiver.id == *id) return Made(ToJson(use));
    }
  }
  return Made(NotCounted(*waiver, *id));
}

Rest<Answer> WithdrawWaiver(const Call& call) {
  const auto domain = FindSingleDomain(call);
  if (!domain) return domain.error();
  const auto connection = ConnectToChange(call);
  if (!connection) return connection.error();
  const auto done =
      store::WithdrawWaiver(**connection, domain->row.domain, call.path.at(1),
                            WhoOf(call.caller), call.around.clock->Now());
  if (!done) return Refusal(done.error());
  if (*done == store::Withdrawal::kNotThere) {
    return Refusal(404, domain->row.domain + " has no such waiver");
  }
  return Answer{.status = 204, .content_type = {}, .body = {}, .cacheable = false};
}

}  // namespace tlsrpt::api
