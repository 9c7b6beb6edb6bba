// tlsrptd import --vouch FILE...: stores reports out of files. Exit 0: all stored or
// known; 1: some are in quarantine or could not be read.

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "cmd/command.h"
#include "cmd/database.h"
#include "cmd/domain_watch.h"
#include "ingest/import/import.h"
#include "store/queries/domains.h"

namespace tlsrpt::cmd {
namespace {

void Print(const ingest::ImportSummary& summary) {
  std::printf("%zu files: %lld stored, %lld duplicate, %lld quarantined", summary.files,
              static_cast<long long>(summary.counts.reports_stored),
              static_cast<long long>(summary.counts.reports_duplicate),
              static_cast<long long>(summary.counts.reports_quarantined));
  if (summary.ordinary > 0) std::printf(", %zu ordinary mail", summary.ordinary);
  std::printf("\n");
  for (const auto& [path, why] : summary.quarantined) {
    std::printf("quarantined  %s: %s\n", path.c_str(), why.c_str());
  }
  for (const auto& [path, why] : summary.unreadable) {
    std::printf("not read     %s: %s\n", path.c_str(), why.c_str());
  }
}

Result<int> Run(const Settings& settings, const std::vector<std::string>& paths,
                bool vouch) {
  auto database = Database::Open(settings);
  if (!database) return std::move(database).error();
  auto connection = database->Connect(kRoleApi);
  if (!connection) return std::move(connection).error();
  const auto list = store::ReadDomains(**connection);
  if (!list) return list.error().error;
  const ingest::DomainView view = ViewOf(*list);
  const ingest::OperatorVouches operator_vouches;
  const ingest::NobodyVouches nobody_vouches;
  const ingest::Voucher& voucher =
      vouch ? static_cast<const ingest::Voucher&>(operator_vouches) : nobody_vouches;
  store::Writer writer(database->Options(kRoleIngest), settings.node);
  const auto summary = ingest::Import(paths, view, voucher, writer, SystemClock(),
                                      {.node = settings.node});
  if (!summary) return summary.error();
  Print(*summary);
  return summary->quarantined.empty() && summary->unreadable.empty() ? kExitOk : 1;
}

}  // namespace

void AddImport(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand(
      "import", "Store the reports in files: mails, JSON, gzip or zip");
  auto flags = std::make_shared<FlagValues>();
  flags->AddTo(*command, {"data_dir", "database", "run_as", "node"});
  auto vouch = std::make_shared<bool>(false);
  command->add_flag("--vouch", *vouch,
                    "You vouch for where the files come from. Without it their reports\n"
                    "are kept and shown, but never count");
  auto paths = std::make_shared<std::vector<std::string>>();
  command->add_option("FILE", *paths)->required();
  command->callback([&chosen, flags, vouch, paths] {
    chosen = [flags, vouch, paths] {
      return RunWith(*flags, [&](const Settings& settings) {
        return Run(settings, *paths, *vouch);
      });
    };
  });
}

}  // namespace tlsrpt::cmd
