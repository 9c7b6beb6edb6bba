// tlsrptd api: the API alone, any number of them against one database.

#include <memory>
#include <vector>

#include "cmd/api_server.h"
#include "cmd/daemon_command.h"

namespace tlsrpt::cmd {
namespace {

std::vector<std::unique_ptr<DaemonPart>> ApiAlone(DaemonBasis& basis) {
  std::vector<std::unique_ptr<DaemonPart>> parts;
  parts.push_back(MakeApiServer(basis));
  parts.push_back(MakeHealthServer(basis, ReadyWithoutDatabase::kNo));
  return parts;
}

}  // namespace

void AddApi(CLI::App& app, Chosen& chosen) {
  AddDaemon(app, chosen, "api",
            "Answer over HTTP from the database of --database: verdicts, sums, reports",
            ApiAlone, NeedsDsn::kYes);
}

}  // namespace tlsrpt::cmd
