// tlsrptd ingest: the intake alone, any number of them against one database.

#include <memory>
#include <vector>

#include "cmd/api_server.h"
#include "cmd/daemon_command.h"
#include "cmd/intake.h"

namespace tlsrpt::cmd {
namespace {

std::vector<std::unique_ptr<DaemonPart>> IntakeAlone(DaemonBasis& basis) {
  std::vector<std::unique_ptr<DaemonPart>> parts;
  parts.push_back(MakeIntake(basis));
  parts.push_back(MakeHealthServer(basis, ReadyWithoutDatabase::kYes));
  return parts;
}

}  // namespace

void AddIngest(CLI::App& app, Chosen& chosen) {
  AddDaemon(app, chosen, "ingest",
            "Receive reports and store them in the database of --database, beside\n"
            "other processes that do the same or another part of `serve`",
            IntakeAlone, NeedsDsn::kYes);
}

}  // namespace tlsrpt::cmd
