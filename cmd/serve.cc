// tlsrptd serve: everything in one process, with a PostgreSQL of its own if no DSN is
// given.

#include <memory>
#include <vector>

#include "cmd/api_server.h"
#include "cmd/daemon_command.h"
#include "cmd/evaluation.h"
#include "cmd/intake.h"
#include "cmd/worker.h"

namespace tlsrpt::cmd {
namespace {

std::vector<std::unique_ptr<DaemonPart>> EveryPart(DaemonBasis& basis) {
  std::vector<std::unique_ptr<DaemonPart>> parts;
  parts.push_back(MakeIntake(basis));
  parts.push_back(MakeWorker(basis));
  parts.push_back(MakeEvaluation(basis));
  parts.push_back(MakeApiServer(basis));
  parts.push_back(MakeHealthServer(basis, ReadyWithoutDatabase::kNo));
  return parts;
}

}  // namespace

void AddServe(CLI::App& app, Chosen& chosen) {
  AddDaemon(app, chosen, "serve",
            "Receive reports and store them, with a PostgreSQL of its own if no\n"
            "--database is given",
            EveryPart, NeedsDsn::kNo);
}

}  // namespace tlsrpt::cmd
