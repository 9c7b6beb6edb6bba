#include "api/fleet/domain_rules.h"

#include <algorithm>

#include "api/readiness/baseline.h"
#include "api/readiness/settings_table.h"
#include "base/text.h"

namespace tlsrpt::api {

Result<ReadinessSettings> RulesFor(const std::string& domain, ReadinessSettings rules,
                                   const std::vector<store::DomainSetting>& settings) {
  for (const store::DomainSetting& setting : settings) {
    if (!setting.value) continue;
    if (auto done = ApplySetting(rules, setting.name, *setting.value); !done) {
      return Error{ErrorKind::kInternal,
                   "a setting of " + domain + " cannot be applied: " +
                       done.error().message + "; `tlsrptd domain set " + domain + " " +
                       setting.name + "=` brings the default back"};
    }
  }
  return rules;
}

std::chrono::days LookBackOf(const ReadinessSettings& settings) {
  // The day of the question, and the one on which the oldest change may have begun.
  constexpr int kBothEnds = 2;
  int back = 0;
  for (const auto& [rules, why] : AllRulesOf(settings)) {
    const int longest =
        std::max({rules.window_days, rules.low_traffic_days, rules.retrieval_days,
                  rules.low_traffic_probe_days, rules.risk_days, rules.risk_silent_days});
    back = std::max(back, longest + rules.settle_days + rules.mx_forget_days + kBothEnds);
  }
  return std::chrono::days{back};
}

Result<store::DomainSetting> SettingOf(std::string_view name, std::string_view value,
                                       const std::vector<store::DomainSetting>& stored) {
  store::DomainSetting setting;
  setting.name = name;
  setting.plain_name = PlainName(name);
  if (Trim(value).empty()) {
    const bool known = IsSetting(setting.plain_name) ||
                       std::any_of(stored.begin(), stored.end(), [&](const auto& each) {
                         return each.plain_name == setting.plain_name;
                       });
    if (known) return setting;
  }
  ReadinessSettings tried;
  if (auto done = ApplySetting(tried, name, value); !done) return done.error();
  setting.value = std::string(Trim(value));
  return setting;
}

Result<store::DomainSetting> SettingOf(std::string_view assignment,
                                       const std::vector<store::DomainSetting>& stored) {
  const auto at = assignment.find('=');
  if (at == std::string_view::npos) {
    return Error{ErrorKind::kMalformed, "\"" + CleanUtf8(assignment, 80) +
                                            "\": expected name=value, as in "
                                            "min_sessions=200"};
  }
  return SettingOf(Trim(assignment.substr(0, at)), assignment.substr(at + 1), stored);
}

}  // namespace tlsrpt::api
