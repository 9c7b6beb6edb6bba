// /v1/domains/{domain}/settings: by which rules it is ready.

#include <map>
#include <utility>

#include "api/fleet/domain_rules.h"
#include "api/readiness/format.h"
#include "api/readiness/settings_table.h"
#include "api/rest/change.h"
#include "api/rest/domain_access.h"
#include "api/rest/handlers.h"
#include "base/text.h"
#include "store/admin/exceptions.h"
#include "store/queries/exceptions.h"

namespace tlsrpt::api {
namespace {

constexpr std::string_view kExpected =
    "{\"min_sessions\": 200, ...}; null brings a default back";

using SetOnes = std::map<std::string, store::DomainSetting, std::less<>>;

Json ItemOf(std::string_view plain_name, std::string_view unit, std::string_view what,
            const SetOnes& set, const ReadinessSettings& standard) {
  const auto at = set.find(plain_name);
  const bool is_set = at != set.end();
  const auto value_of = [&](const std::string& text) -> Json {
    if (IsList(plain_name)) return text;
    const auto number = ParseUnsigned(text);
    return number ? Json(*number) : Json(text);
  };
  const std::string otherwise = ValueOf(standard, plain_name);
  return {{"name", is_set ? at->second.name : std::string(plain_name)},
          {"value", value_of(is_set ? *at->second.value : otherwise)},
          {"default", value_of(otherwise)},
          {"unit", TextOrNull(unit)},
          {"what", std::string(what)},
          {"unsafe", is_set && at->second.name != at->second.plain_name},
          {"set_at", is_set ? Json(TimeText(at->second.set_at)) : Json(nullptr)},
          {"set_by", is_set ? Json(at->second.set_by) : Json(nullptr)}};
}

Rest<Answer> SettingsOf(const Call& call, const std::string& domain) {
  const auto stored = store::ReadDomainSettings(*call.database, domain);
  if (!stored) return Refusal(stored.error());
  SetOnes set;
  for (const store::DomainSetting& setting : *stored) {
    if (setting.value) set.emplace(setting.plain_name, setting);
  }
  const ReadinessSettings& standard = call.around.readiness;
  Json items = Json::array();
  for (const SettingRow& row : SettingsTable()) {
    items.push_back(ItemOf(row.name, row.unit, row.what, set, standard));
  }
  items.push_back(ItemOf("required_reporters", "",
                         "reporters that must be among those seen", set, standard));
  items.push_back(ItemOf("our_rua", "", "where our reports should go", set, standard));
  return JsonAnswer({{"items", std::move(items)}});
}

}  // namespace

Rest<Answer> GetSettings(const Call& call) {
  const auto domain = FindSingleDomain(call);
  if (!domain) return domain.error();
  return SettingsOf(call, domain->row.domain);
}

Rest<Answer> ChangeSettings(const Call& call) {
  const auto domain = FindSingleDomain(call);
  if (!domain) return domain.error();
  const auto json = BodyOf(call.request, kExpected);
  if (!json) return json.error();
  const auto stored = store::ReadDomainSettings(*call.database, domain->row.domain);
  if (!stored) return Refusal(stored.error());
  std::map<std::string, store::DomainSetting> wanted;
  for (const auto& [name, value] : json->items()) {
    const bool takes = value.is_null() || value.is_string() || value.is_number_integer();
    if (!takes) return Refusal(400, "the body must be " + std::string(kExpected));
    auto setting = SettingOf(name,
                             value.is_null()     ? std::string()
                             : value.is_string() ? value.get<std::string>()
                                                 : value.dump(),
                             *stored);
    // A name that there is not is a fault of the body, not of the path.
    if (!setting) return Refusal(400, setting.error().message);
    setting->set_at = call.around.clock->Now();
    setting->set_by = WhoOf(call.caller);
    const std::string plain_name = setting->plain_name;
    if (!wanted.emplace(plain_name, *std::move(setting)).second) {
      return Refusal(400, plain_name + " is given twice");
    }
  }
  const auto connection = ConnectToChange(call);
  if (!connection) return connection.error();
  std::vector<store::DomainSetting> all;
  for (auto& [plain_name, setting] : wanted) all.push_back(std::move(setting));
  const auto done = store::SetDomainSettings(**connection, domain->row.domain, all);
  if (!done) return Refusal(done.error());
  auto answer = SettingsOf(call, domain->row.domain);
  if (answer) answer->cacheable = false;
  return answer;
}

}  // namespace tlsrpt::api
