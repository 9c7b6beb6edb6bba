// tlsrptd domain add|list|remove|set|show: whose reports are taken, and by which rules
// they are ready. A running server notices within seconds. Exit 0: done; 64: a setting
// that is none or past its bounds; 66: a domain that is not there.

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "api/fleet/moment.h"
#include "api/fleet/states.h"
#include "base/clock.h"
#include "cmd/command.h"
#include "cmd/database.h"
#include "cmd/domain_entry.h"
#include "cmd/domain_settings.h"
#include "store/admin/domain_list.h"
#include "store/queries/fleet.h"

namespace tlsrpt::cmd {
namespace {

Result<int> Add(const Settings& settings, const std::vector<std::string>& names) {
  std::vector<std::string> domains;
  for (const std::string& name : names) {
    auto domain = NormaliseDomainEntry(name);
    if (!domain) return std::move(domain).error();
    domains.push_back(std::move(*domain));
  }
  auto database = Database::Open(settings);
  if (!database) return std::move(database).error();
  auto connection = database->Connect(kRoleIngest);
  if (!connection) return std::move(connection).error();
  const auto added =
      store::AddDomains(**connection, domains, "command", SystemClock().Now());
  if (!added) return added.error().error;
  for (const std::string& domain : domains) std::printf("%s\n", domain.c_str());
  return kExitOk;
}

Result<int> Remove(const Settings& settings, const std::string& name) {
  auto domain = NormaliseDomainEntry(name);
  if (!domain) return std::move(domain).error();
  auto database = Database::Open(settings);
  if (!database) return std::move(database).error();
  auto connection = database->Connect(kRoleIngest);
  if (!connection) return std::move(connection).error();
  const auto removed = store::RemoveDomain(**connection, *domain);
  if (!removed) return removed.error().error;
  if (!*removed) {
    return Error{ErrorKind::kNotFound, *domain +
                                           " is not configured; `tlsrptd domain "
                                           "list` prints those that are"};
  }
  return kExitOk;
}

// Pages, for the list may hold 100,000.
constexpr std::int64_t kPage = 500;

Result<int> List(const Settings& settings, const std::string& state) {
  auto database = Database::Open(settings);
  if (!database) return std::move(database).error();
  auto connection = database->Connect(kRoleApi);
  if (!connection) return std::move(connection).error();
  const auto moment = api::ReadMoment(**connection, {}, SystemClock().Now());
  if (!moment) return moment.error().error;
  store::FleetPageQuestion question;
  question.limit = kPage;
  if (!state.empty()) question.state = state;
  while (true) {
    const auto page = store::ReadFleetPage(**connection, question, *moment);
    if (!page) return page.error().error;
    for (const store::FleetRow& row : *page) {
      std::printf("%s\t%s\n", row.domain.domain.c_str(),
                  row.domain.demo ? "demo" : row.domain.source.c_str());
    }
    if (std::ssize(*page) < kPage) return kExitOk;
    question.after = page->back().domain.domain;
  }
}

}  // namespace

void AddDomain(CLI::App& app, Chosen& chosen) {
  CLI::App* domain = app.add_subcommand("domain", "The domains whose reports are taken");
  domain->require_subcommand(1);
  auto flags = std::make_shared<FlagValues>();
  flags->AddTo(*domain, StoreKeys());
  auto names = std::make_shared<std::vector<std::string>>();

  CLI::App* add = domain->add_subcommand(
      "add", "Take reports on NAME, or with .NAME on every domain below it");
  add->add_option("NAME", *names)->required();
  add->callback([&chosen, flags, names] {
    chosen = [flags, names] {
      return RunWith(
          *flags, [&](const Settings& s) { return Add(s, *names); }, NoStore::kMake);
    };
  });

  auto name = std::make_shared<std::string>();
  CLI::App* remove = domain->add_subcommand(
      "remove", "Take none on NAME any more; what is stored stays for its retention");
  remove->add_option("NAME", *name)->required();
  remove->callback([&chosen, flags, name] {
    chosen = [flags, name] {
      return RunWith(*flags, [&](const Settings& s) { return Remove(s, *name); });
    };
  });

  auto assignments = std::make_shared<std::vector<std::string>>();
  CLI::App* set = domain->add_subcommand(
      "set",
      "Other rules for the readiness of NAME: setting=value, or setting= for the "
      "default.\n"
      "What is weaker than a default takes \"unsafe_\" before its name");
  set->add_option("NAME", *name)->required();
  set->add_option("SETTING", *assignments, "setting=value, as `domain show` prints them")
      ->required();
  set->callback([&chosen, flags, name, assignments] {
    chosen = [flags, name, assignments] {
      return RunWith(
          *flags, [&](const Settings& s) { return SetDomain(s, *name, *assignments); });
    };
  });

  CLI::App* show = domain->add_subcommand(
      "show", "Every readiness setting of NAME: value, meaning, who set it and when");
  show->add_option("NAME", *name)->required();
  show->callback([&chosen, flags, name] {
    chosen = [flags, name] {
      return RunWith(*flags, [&](const Settings& s) { return ShowDomain(s, *name); });
    };
  });

  auto state = std::make_shared<std::string>();
  CLI::App* list =
      domain->add_subcommand("list", "One a line: name and where it comes from");
  list->add_option("--state", *state,
                   "Only those whose last evaluation said so, and against which nothing\n"
                   "speaks by now; `tlsrptd readiness NAME` decides anew")
      ->check(CLI::IsMember(api::StateNames()));
  list->callback([&chosen, flags, state] {
    chosen = [flags, state] {
      return RunWith(*flags, [&](const Settings& s) { return List(s, *state); });
    };
  });
}

}  // namespace tlsrpt::cmd
