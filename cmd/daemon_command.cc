#include "cmd/daemon_command.h"

#include <memory>
#include <utility>

namespace tlsrpt::cmd {

void AddDaemon(CLI::App& app, Chosen& chosen, const std::string& name,
               const std::string& help, MakeParts make_parts, NeedsDsn needs_dsn) {
  CLI::App* command = app.add_subcommand(name, help);
  auto flags = std::make_shared<FlagValues>();
  flags->AddTo(*command);
  command->callback([&chosen, flags, name, make_parts, needs_dsn] {
    chosen = [flags, name, make_parts, needs_dsn] {
      const auto run = [&](Settings settings) -> Result<int> {
        if (needs_dsn == NeedsDsn::kYes && settings.database.empty()) {
          return Error{ErrorKind::kMalformed,
                       name +
                           " needs --database: its PostgreSQL is shared with the other "
                           "roles; `tlsrptd serve` runs everything with one of its own"};
        }
        return RunDaemon(std::move(settings), make_parts);
      };
      return RunWith(*flags, run, NoStore::kMake);
    };
  });
}

}  // namespace tlsrpt::cmd
