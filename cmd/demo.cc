// tlsrptd demo: weeks of made-up reports, one domain for each verdict, marked as such
// wherever they are shown. Again: the same of today. --remove: everything of it out.
// Exit 0: done; 64: a domain of it is somebody's.

#include <cstdio>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/uuid.h"
#include "cmd/command.h"
#include "cmd/database.h"
#include "ingest/demo/demo.h"
#include "ingest/flow/process.h"
#include "ingest/flow/store_batch.h"
#include "store/model/demo.h"
#include "store/queries/reporters.h"
#include "store/writer/demo_rows.h"
#include "store/writer/observations.h"
#include "store/writer/writer.h"

namespace tlsrpt::cmd {
namespace {

using ingest::DemoDomain;

// Takes the reports of one domain the way of any report. Only the demo's names are ours
// here, and the word of an operator is given to nothing but what was just made up.
Result<void> Store(store::Writer& writer, const DemoDomain& domain,
                   const std::set<std::string>& counted, std::chrono::months retention) {
  const store::OwnDomains own({domain.domain}, domain.mx_hosts);
  const ingest::OperatorVouches voucher;
  std::vector<store::ReceiptRecord> batch;
  for (const ingest::DemoReport& report : domain.reports) {
    ingest::SpoolEntry entry;
    entry.receipt_id = MakeUuidV7(report.received_at);
    entry.received_at = report.received_at;
    entry.transport = store::NameOf(store::Transport::kImport);
    entry.peer = "demo";
    entry.body = report.json;
    batch.push_back(
        ingest::Process(std::move(entry), {.own = own,
                                           .voucher = voucher,
                                           .counted_reporters = counted,
                                           .node = std::string(store::kDemoNode),
                                           .retention = retention}));
  }
  const auto stored = ingest::StoreBatch(writer, batch);
  if (!stored) return stored.error();
  if (!stored->no_partition.empty()) {
    return Error{
        ErrorKind::kUnavailable,
        "the months of the demo have no partition; `tlsrptd migrate` makes them"};
  }
  if (!stored->quarantined.empty()) {
    return Error{ErrorKind::kInternal, "a report of the demo could not be read: " +
                                           stored->quarantined[0]->reason_detail};
  }
  return {};
}

Result<void> StoreLooks(const Database& database, const std::vector<DemoDomain>& demo) {
  auto connection = database.Connect(kRoleIngest);
  if (!connection) return std::move(connection).error();
  std::vector<store::ObservationRecord> looks;
  for (const DemoDomain& domain : demo) {
    for (const store::Observation& look : domain.looks) {
      looks.push_back({domain.domain, std::string(store::kDemoNode), look});
    }
  }
  const auto added = store::AddObservations(**connection, looks);
  if (!added) return added.error().error;
  return {};
}

Result<int> Write(const Settings& settings) {
  auto database = Database::Open(settings);
  if (!database) return std::move(database).error();
  const TimePoint now = SystemClock().Now();
  const std::vector<DemoDomain> demo = ingest::MakeDemo(now);
  std::map<std::string, std::set<std::string>> names;
  std::size_t reports = 0;
  for (const DemoDomain& domain : demo) {
    names[domain.domain] = domain.mx_hosts;
    reports += domain.reports.size();
  }
  auto owner = ConnectAsOwner(*database);
  if (!owner) return std::move(owner).error();
  const auto profiles = store::ReadProfiles(**owner);
  if (!profiles) return profiles.error().error;
  // Marked first: whenever this ends, what is there is known as the demo's.
  if (const auto begun = store::BeginDemo(**owner, names, now); !begun) {
    return begun.error().error;
  }
  store::Writer writer(database->Options(kRoleIngest), std::string(store::kDemoNode));
  for (const DemoDomain& domain : demo) {
    if (auto stored = Store(writer, domain, profiles->Counted(),
                            std::chrono::months(settings.retention.reports_months));
        !stored) {
      return std::move(stored).error();
    }
  }
  if (auto stored = StoreLooks(*database, demo); !stored) {
    return std::move(stored).error();
  }
  std::printf(
      "%zu made-up reports of %d days; `tlsrptd demo --remove` removes all of it\n",
      reports, ingest::kDemoDays);
  for (const DemoDomain& domain : demo) {
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
  flags->AddTo(*command, {"data_dir", "database", "run_as", "retention.reports_months"});
  auto remove = std::make_shared<bool>(false);
  command->add_flag("--remove", *remove, "Remove all of it; nothing else changes");
  command->callback([&chosen, flags, remove] {
    chosen = [flags, remove] {
      return RunWith(*flags, [&](const Settings& settings) {
        return *remove ? Remove(settings) : Write(settings);
      });
    };
  });
}

}  // namespace tlsrpt::cmd
