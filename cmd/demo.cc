// tlsrptd demo: weeks of made-up reports, one domain for each verdict, marked as such
// wherever they are shown. Again: the same of today. --remove: everything of it out.
// While a worker runs, each day brings what it would bring.
// Exit 0: done; 64: a domain of it is somebody's.

#include <cstddef>
#include <cstdio>
#include <memory>
#include <utility>

#include "base/clock.h"
#include "cmd/command.h"
#include "cmd/database.h"
#include "cmd/demo_writer.h"
#include "ingest/demo/demo.h"
#include "store/writer/demo_rows.h"

namespace tlsrpt::cmd {
namespace {

Result<int> Write(const Settings& settings) {
  auto database = Database::Open(settings);
  if (!database) return std::move(database).error();
  const auto demo = WriteDemo(*database, settings, SystemClock().Now());
  if (!demo) return demo.error();
  std::size_t reports = 0;
  for (const ingest::DemoDomain& domain : *demo) reports += domain.reports.size();
  std::printf(
      "%zu made-up reports of %d days; `tlsrptd demo --remove` removes all of it\n",
      reports, ingest::kDemoDays);
  for (const ingest::DemoDomain& domain : *demo) {
    std::printf("tlsrptd readiness %-36s # %s\n", domain.domain.c_str(),
                domain.story.c_str());
  }
  return kExitOk;
}

Result<int> Remove(const Settings& settings) {
  auto database = Database::Open(settings);
  if (!database) return std::move(database).error();
  auto owner = ConnectAsOwner(*database);
  if (!owner) return std::move(owner).error();
  const auto removed = store::RemoveDemo(**owner);
  if (!removed) return removed.error().error;
  if (removed->domains.empty()) {
    std::printf("no demo is there\n");
  } else {
    std::printf("removed %zu domains and %lld receipts of the demo\n",
                removed->domains.size(), static_cast<long long>(removed->receipts));
  }
  return kExitOk;
}

}  // namespace

void AddDemo(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand(
      "demo",
      "Write made-up reports, a domain for each verdict, all of them below demo.example\n"
      "and marked as a demo. Again: the same of today");
  auto flags = std::make_shared<FlagValues>();
  flags->AddTo(*command, StoreKeys({"retention.reports_months"}));
  auto remove = std::make_shared<bool>(false);
  command->add_flag("--remove", *remove, "Remove all of it; nothing else changes");
  command->callback([&chosen, flags, remove] {
    chosen = [flags, remove] {
      return RunWith(
          *flags,
          [&](const Settings& settings) {
            return *remove ? Remove(settings) : Write(settings);
          },
          *remove ? NoStore::kRefuse : NoStore::kMake);
    };
  });
}

}  // namespace tlsrpt::cmd
