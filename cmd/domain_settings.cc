#include "cmd/domain_settings.h"

#include <cstdio>
#include <map>
#include <memory>
#include <utility>

#include "api/fleet/domain_rules.h"
#include "api/readiness/settings_table.h"
#include "base/clock.h"
#include "base/day.h"
#include "cmd/caller_name.h"
#include "cmd/command.h"
#include "cmd/database.h"
#include "cmd/one_domain.h"
#include "store/admin/exceptions.h"
#include "store/queries/exceptions.h"

namespace tlsrpt::cmd {

Result<int> SetDomain(const Settings& settings, const std::string& name,
                      const std::vector<std::string>& assignments) {
  auto database = Database::Open(settings);
  if (!database) return std::move(database).error();
  auto reader = database->Connect(kRoleApi);
  if (!reader) return std::move(reader).error();
  const auto domain = FindOneDomain(**reader, name);
  if (!domain) return domain.error();
  const auto stored = store::ReadDomainSettings(**reader, domain->row.domain);
  if (!stored) return stored.error().error;
  const TimePoint now = SystemClock().Now();
  std::map<std::string, store::DomainSetting> wanted;
  for (const std::string& assignment : assignments) {
    auto setting = api::SettingOf(assignment, *stored);
    // 66 is for a domain that is not there.
    if (!setting) return Error{ErrorKind::kMalformed, setting.error().message};
    setting->set_at = now;
    setting->set_by = CallerName();
    const std::string plain_name = setting->plain_name;
    if (!wanted.emplace(plain_name, *std::move(setting)).second) {
      return Error{ErrorKind::kMalformed, plain_name + " is given twice"};
    }
  }
  auto connection = database->Connect(kRoleAdmin);
  if (!connection) return std::move(connection).error();
  std::vector<store::DomainSetting> all;
  for (auto& [plain_name, setting] : wanted) all.push_back(std::move(setting));
  const auto done = store::SetDomainSettings(**connection, domain->row.domain, all);
  if (!done) return done.error().error;
  for (const store::DomainSetting& setting : all) {
    if (!setting.value || setting.name == setting.plain_name) continue;
    std::fprintf(stderr,
                 "%s weakens the promise of `ready`; every verdict on %s says so.\n",
                 setting.name.c_str(), domain->row.domain.c_str());
  }
  return kExitOk;
}

Result<int> ShowDomain(const Settings& settings, const std::string& name) {
  auto database = Database::Open(settings);
  if (!database) return std::move(database).error();
  auto connection = database->Connect(kRoleApi);
  if (!connection) return std::move(connection).error();
  const auto domain = FindOneDomain(**connection, name);
  if (!domain) return domain.error();
  const auto stored = store::ReadDomainSettings(**connection, domain->row.domain);
  if (!stored) return stored.error().error;
  std::map<std::string, store::DomainSetting> set;
  for (const store::DomainSetting& setting : *stored) {
    if (setting.value) set.emplace(setting.plain_name, setting);
  }
  if (domain->row.demo) {
    std::printf("# %s: DEMO, made up by `tlsrptd demo`\n", domain->row.domain.c_str());
  }
  // "name = value" can be given to `domain set` again.
  const auto print = [&](std::string_view plain_name, const std::string& what) {
    const auto at = set.find(std::string(plain_name));
    if (at == set.end()) {
      std::printf("%s = %s  # %s\n", std::string(plain_name).c_str(),
                  api::ValueOf({}, plain_name).c_str(), what.c_str());
      return;
    }
    const store::DomainSetting& setting = at->second;
    std::printf("%s = %s  # %s; default %s, set at %s by %s\n", setting.name.c_str(),
                setting.value->c_str(), what.c_str(),
                api::ValueOf({}, plain_name).c_str(), TimeText(setting.set_at).c_str(),
                setting.set_by.c_str());
  };
  for (const api::SettingRow& row : api::SettingsTable()) {
    print(row.name, std::string(row.unit) + ": " + std::string(row.what));
  }
  print("required_reporters", "reporters that must be among those seen");
  print("our_rua", "where our reports should go");
  // A release may have let go of a setting; what it was set to is still there.
  for (const auto& [plain_name, setting] : set) {
    if (!api::IsSetting(plain_name)) print(plain_name, "not known to this version");
  }
  return kExitOk;
}

}  // namespace tlsrpt::cmd
