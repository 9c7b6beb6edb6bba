// tlsrptd migrate: brings the database to this program's schema. Exit 0: it is there.

#include <cstdio>
#include <memory>
#include <string>

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
        const auto database = Database::Open(settings, Schema::kMigrate);
        if (!database) return database.error();
        for (const std::string& name : database->applied()) {
          std::printf("applied %s\n", name.c_str());
        }
        if (database->applied().empty()) std::printf("nothing to do\n");
        return kExitOk;
      };
      return RunWith(*flags, run, NoStore::kMake);
    };
  });
}

}  // namespace tlsrpt::cmd
