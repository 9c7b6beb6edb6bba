// tlsrptd: receives SMTP TLS reports (RFC 8460), keeps them, and answers whether a
// domain may move its MTA-STS policy (RFC 8461) to enforce. Builds the command line and
// hands over; decides nothing.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <string>
#include <utility>

#include "base/ops/log.h"
#include "base/ops/metrics.h"
#include "base/ops/settings.h"
#include "cmd/command.h"
#include "cmd/descriptors.h"
#include "cmd/empty_values.h"
#include "cmd/standard_output.h"
#include "cmd/version.h"

namespace {

using namespace tlsrpt;

int Run(int argc, char** argv) {
  CLI::App app{"Receives SMTP TLS reports and says whether a domain may enforce MTA-STS.",
               "tlsrptd"};
  app.set_version_flag("--version", std::string(cmd::kVersion));
  app.set_help_all_flag("--help-all", "Help of every subcommand");
  app.fallthrough();  // `serve --help-config`: nobody has to know where a flag belongs
  bool help_config = false;
  bool help_log = false;
  app.add_flag("--help-config", help_config, "Print every setting, as a TOML file");
  bool help_metrics = false;
  app.add_flag("--help-log", help_log, "Print every log event and what to do about it");
  app.add_flag("--help-metrics", help_metrics, "Print every metric of /metrics");

  cmd::Chosen chosen;
  cmd::AddServe(app, chosen);
  cmd::AddIngest(app, chosen);
  cmd::AddApi(app, chosen);
  cmd::AddImport(app, chosen);
  cmd::AddReadiness(app, chosen);
  cmd::AddQuarantine(app, chosen);
  cmd::AddReprocess(app, chosen);
  cmd::AddSpool(app, chosen);
  cmd::AddDemo(app, chosen);
  cmd::AddWorker(app, chosen);
  cmd::AddDomain(app, chosen);
  cmd::AddReporter(app, chosen);
  cmd::AddWaive(app, chosen);
  cmd::AddToken(app, chosen);
  cmd::AddNode(app, chosen);
  cmd::AddStatus(app, chosen);
  cmd::AddHealth(app, chosen);
  cmd::AddMigrate(app, chosen);

  try {
    auto words = cmd::SplitEmptyValues(app, {argv + std::min(argc, 1), argv + argc});
    std::reverse(words.begin(), words.end());  // as CLI11 wants them
    app.parse(std::move(words));
    if (help_config) {
      std::fputs(HelpConfig().c_str(), stdout);
      return cmd::kExitOk;
    }
    if (help_metrics) {
      std::fputs(HelpMetrics().c_str(), stdout);
      return cmd::kExitOk;
    }
    if (help_log) {
      std::fputs(HelpLog().c_str(), stdout);
      return cmd::kExitOk;
    }
    if (!chosen) {
      std::fputs(app.help().c_str(), stderr);
      return cmd::kExitUsage;
    }
    return chosen();
  } catch (const CLI::ParseError& e) {
    // CLI11 answers --help and --version with 0; its own error numbers are not ours.
    return app.exit(e) == 0 ? cmd::kExitOk : cmd::kExitUsage;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "tlsrptd: internal error: %s\n", e.what());
    return cmd::kExitInternal;
  }
}

}  // namespace

int main(int argc, char** argv) {
  // First: whatever is opened takes the number of one that is closed.
  if (!cmd::FillStandardDescriptors()) return cmd::kExitInternal;
  const int status = Run(argc, argv);
  if (cmd::FlushStandardOutput()) return status;
  const char* const why = errno == 0 ? "" : std::strerror(errno);
  std::fprintf(stderr, "tlsrptd: cannot write standard output%s%s\n",
               *why == '\0' ? "" : ": ", why);
  return status < cmd::kExitUsage ? cmd::kExitUnwritten : status;
}
