#include "cmd/domain_watch.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "cmd/atomic_file.h"
#include "cmd/paths.h"
#include "store/model/domain_name.h"
#include "store/queries/reporters.h"

namespace tlsrpt::cmd {

ingest::DomainView ViewOf(const store::DomainList& list,
                          store::ReporterProfiles profiles) {
  return {.own = list.Own(),
          .counted_reporters = profiles.Counted(),
          .profiles = std::move(profiles),
          .wildcard_names = list.WildcardNames()};
}

DomainWatch::DomainWatch(const Database& database, const Settings& settings,
                         ingest::RecipientList& recipients, ingest::DomainViews& views,
                         Logger& log)
    : database_(database),
      settings_(settings),
      recipients_(recipients),
      views_(views),
      log_(log) {}

Result<void> DomainWatch::SetRecipients(const std::vector<std::string>& domains) {
  auto made = ingest::Recipients::Make(domains, settings_.recipients,
                                       settings_.smtp.hostname, store::NormaliseDomain);
  if (!made) return std::move(made).error();
  recipients_.Set(std::move(*made));
  return {};
}

Result<bool> DomainWatch::LoadCached() {
  std::vector<std::string> domains = settings_.domains;
  std::ifstream file(DomainCachePath(settings_));
  const auto cached = nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
  // A file that cannot be read is as good as none: Poll() writes it anew.
  if (cached.is_array()) {
    for (const auto& name : cached) {
      if (name.is_string()) domains.push_back(name.get<std::string>());
    }
  }
  if (auto set = SetRecipients(domains); !set) return std::move(set).error();
  // The settings alone are no list: what else the database holds would get 550.
  return cached.is_array() && !(domains.empty() && settings_.recipients.empty());
}

Result<void> DomainWatch::Poll() {
  if (connection_ == nullptr || connection_->IsBroken()) {
    connection_.reset();
    auto opened = database_.Connect(kRoleApi);
    if (!opened) return std::move(opened).error();
    connection_ = std::move(*opened);
  }
  const auto list = store::ReadDomains(*connection_);
  if (!list) return list.error().error;
  const auto profiles = store::ReadProfiles(*connection_);
  if (!profiles) return profiles.error().error;

  auto counted = nlohmann::json::array();
  for (const store::ReporterProfile& profile : profiles->all()) {
    counted.push_back(
        {profile.reporter, profile.signing_domains, profile.from_addresses});
  }
  auto names = nlohmann::json::array();
  std::vector<std::string> domains;
  for (const store::DomainRow& row : list->domains) {
    if (row.demo) continue;  // nobody's mail
    names.push_back(row.domain);
    domains.push_back(row.domain);
  }
  const std::string text = nlohmann::json{
      {"domains", names},
      {"mx_hosts", list->mx_hosts},
      {"reporters", counted}}.dump();
  if (text != in_force_) {
    // First what is filed, then who is a recipient: mail for a new domain must not be
    // looked at as a stranger's.
    views_.Set(ViewOf(*list, *profiles));
    if (auto set = SetRecipients(domains); !set) return set;
    in_force_ = text;
  }
  WriteCache(names.dump() + "\n");
  return {};
}

// A full disk is no reason to stop whoever keeps the house: the database is well.
void DomainWatch::WriteCache(const std::string& content) {
  if (content == cached_) return;
  const auto written = WriteFileAtomically(DomainCachePath(settings_), content);
  if (written) cached_ = content;
  if (!written && !cache_stale_) {
    log_.Write(Event::kDomainCacheStale, {{"what", written.error().message}});
  }
  if (written && cache_stale_) log_.Write(Event::kDomainCacheWritten, {});
  cache_stale_ = !written;
}

}  // namespace tlsrpt::cmd
