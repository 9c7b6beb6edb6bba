#include "cmd/demo_writer.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "base/uuid.h"
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

struct Pen {
  const Database& database;
  std::set<std::string> counted_reporters;
  std::chrono::months retention;
};

Result<Pen> MakePen(const Database& database, const Settings& settings,
                    store::Connection& owner) {
  const auto profiles = store::ReadProfiles(owner);
  if (!profiles) return profiles.error().error;
  return Pen{database, profiles->Counted(),
             std::chrono::months(settings.retention.reports_months)};
}

// Takes the reports of one domain the way of any report. Only the demo's names are ours
// here, and the word of an operator is given to nothing but what was just made up.
Result<void> StoreReports(const Pen& pen, const DemoDomain& domain) {
  if (domain.reports.empty()) return {};
  store::Writer writer(pen.database.Options(kRoleIngest), std::string(store::kDemoNode));
  const store::OwnDomains own({domain.domain}, domain.mx_hosts);
  const ingest::OperatorVouches vouched;
  const ingest::NobodyVouches unvouched("no DKIM signature");  // as of a mail without
  std::vector<store::ReceiptRecord> batch;
  for (const ingest::DemoReport& report : domain.reports) {
    const ingest::Voucher& voucher =
        report.vouched ? static_cast<const ingest::Voucher&>(vouched) : unvouched;
    ingest::SpoolEntry entry;
    entry.receipt_id = MakeUuidV7(report.received_at);
    entry.received_at = report.received_at;
    entry.transport = store::NameOf(store::Transport::kImport);
    entry.peer = "demo";
    entry.body = report.json;
    batch.push_back(
        ingest::Process(std::move(entry), {.own = own,
                                           .voucher = voucher,
                                           .counted_reporters = pen.counted_reporters,
                                           .node = std::string(store::kDemoNode),
                                           .retention = pen.retention}));
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

// Reports first: a look says that all before it is told.
Result<void> Store(const Pen& pen, const std::vector<DemoDomain>& demo) {
  std::vector<store::ObservationRecord> looks;
  for (const DemoDomain& domain : demo) {
    if (auto stored = StoreReports(pen, domain); !stored) return stored;
    for (const store::Observation& look : domain.looks) {
      looks.push_back({domain.domain, std::string(store::kDemoNode), look});
    }
  }
  if (looks.empty()) return {};
  auto connection = pen.database.Connect(kRoleIngest);
  if (!connection) return std::move(connection).error();
  const auto added = store::AddObservations(**connection, looks);
  if (!added) return added.error().error;
  return {};
}

// Of `domain` what is later than `told_until`.
void LeaveOutTold(DemoDomain& domain, TimePoint told_until) {
  std::erase_if(domain.reports, [told_until](const ingest::DemoReport& report) {
    return report.received_at <= told_until;
  });
  std::erase_if(domain.looks, [told_until](const store::Observation& look) {
    return look.observed_at <= told_until;
  });
}

// Those of `told` that the database has, with what is new about each.
std::vector<DemoDomain> Untold(const std::vector<store::DemoRow>& told, TimePoint now) {
  std::vector<DemoDomain> untold;
  for (const store::DemoRow& row : told) {
    // Without a look it is being written right now, or was never written to its end.
    if (!row.last_look_at || now - *row.last_look_at < ingest::kDemoToldFor) continue;
    for (DemoDomain& domain : ingest::MakeDemo(row.begun_at, now)) {
      if (domain.domain != row.domain) continue;
      LeaveOutTold(domain, *row.last_look_at);
      untold.push_back(std::move(domain));
    }
  }
  return untold;
}

}  // namespace

Result<std::vector<DemoDomain>> WriteDemo(const Database& database,
                                          const Settings& settings, TimePoint now) {
  std::vector<DemoDomain> demo = ingest::MakeDemo(now, now);
  std::map<std::string, std::set<std::string>> names;
  for (const DemoDomain& domain : demo) names[domain.domain] = domain.mx_hosts;
  auto owner = ConnectAsOwner(database);
  if (!owner) return std::move(owner).error();
  const auto pen = MakePen(database, settings, **owner);
  if (!pen) return pen.error();
  // Marked first: whenever this ends, what is there is known as the demo's.
  if (const auto begun = store::BeginDemo(**owner, names, now); !begun) {
    return begun.error().error;
  }
  if (auto stored = Store(*pen, demo); !stored) return std::move(stored).error();
  return demo;
}

Result<std::size_t> TellDemoFurther(const Database& database, const Settings& settings,
                                    TimePoint now) {
  auto owner = ConnectAsOwner(database);
  if (!owner) return std::move(owner).error();
  const auto pen = MakePen(database, settings, **owner);
  if (!pen) return pen.error();
  std::size_t added = 0;
  const auto done = store::HoldDemo(
      **owner, [&](const std::vector<store::DemoRow>& told) -> Result<void> {
        const std::vector<DemoDomain> untold = Untold(told, now);
        if (auto stored = Store(*pen, untold); !stored) return stored;
        added = 0;
        for (const DemoDomain& domain : untold) {
          added += domain.reports.size() + domain.looks.size();
        }
        return {};
      });
  if (!done) return done.error().error;
  return added;
}

}  // namespace tlsrpt::cmd
