// tlsrptd migrate: brings the database to this program's schema. Exit 0: it is there.

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "cmd/command.h"
#include "cmd/database.h"

namespace tlsrpt::cmd {

void AddMigrate(CLI::App& app, Chosen& chosen) {
  CLI::App* command =
      app.add_subcommand("migrate", "Bring the database to the schema of this version");
  auto flags = std::make_shared<FlagValues>();
  flags->AddTo(*command, StoreKeys({"retention.reports_months"}));
  command->callback([&chosen, flags] {
    chosen = [flags] {
      const auto run = [](const Settings& settings) -> Result<int> {
        auto database = Database::Open(settings, Schema::kAny);
        if (!database) return std::move(database).error();
        const auto more = BringUpToDate(*database, settings);
        if (!more) return more.error();
        std::vector<std::string> applied = database->applied();
        applied.insert(applied.end(), more->begin(), more->end());
        for (const std::string& name : applied) std::printf("applied %s\n", name.c_str());
        if (applied.empty()) std::printf("nothing to do\n");
        return kExitOk;
      };
      return RunWith(*flags, run, NoStore::kMake);
    };
  });
}

}  // namespace tlsrpt::cmd
