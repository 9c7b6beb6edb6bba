#include "cmd/work_loop.h"

#include <unistd.h>

#include <algorithm>
#include <iterator>

#include "cmd/demo_writer.h"
#include "cmd/domain_watch.h"
#include "store/queries/domains.h"
#include "store/queries/reporters.h"

namespace tlsrpt::cmd {
namespace {

// Longer than any page of receipts or any one partition takes; a piece of work whose
// process has died waits so long.
constexpr std::chrono::seconds kLease = std::chrono::minutes(5);
// Months begin rarely, but a missing partition stops reports.
constexpr std::chrono::seconds kPeriod = std::chrono::hours(1);
// After a failure: a minute for each, up to a quarter of an hour.
constexpr std::chrono::seconds kFirstBackOff = std::chrono::minutes(1);
constexpr int kMostBackOffs = 15;

const std::vector<std::string> kKinds = {
    std::string(store::kWorkPartitions), std::string(store::kWorkRetention),
    std::string(store::kWorkDemo), std::string(store::kWorkRetryForeign),
    std::string(store::kWorkRetryForeignLate)};

// After the partitions, for it may be told of a month that begins.
constexpr std::string_view kPeriodic[] = {store::kWorkPartitions, store::kWorkRetention,
                                          store::kWorkDemo};

bool IsPeriodic(const std::string& kind) {
  return std::find(std::begin(kPeriodic), std::end(kPeriodic), kind) !=
         std::end(kPeriodic);
}

}  // namespace

Result<int> MakePartitions(const WorkLoopParts& parts) {
  const auto owner = ConnectAsOwner(parts.database);
  if (!owner) return owner.error();
  const auto made =
      store::EnsureKeptMonths(**owner, KeptMonths(parts.settings, parts.clock.Now()));
  if (!made) return made.error().error;
  if (*made > 0)
    parts.log.Write(Event::kPartitionsMade, {{"count", std::to_string(*made)}});
  return *made;
}

namespace {

store::PgResult<std::vector<store::Partition>> FindExpired(const WorkLoopParts& parts,
                                                           store::Connection& owner) {
  TimePoint time = parts.clock.Now();
  if (!parts.clock_is_set) {
    const auto earlier = store::RetentionTime(owner, time);
    if (!earlier) return earlier.error();
    time = *earlier;
  }
  return store::FindExpired(owner, KeptMonths(parts.settings, time));
}

}  // namespace

Result<std::vector<store::Partition>> ExpiredPartitions(const WorkLoopParts& parts) {
  const auto owner = ConnectAsOwner(parts.database);
  if (!owner) return owner.error();
  auto expired = FindExpired(parts, **owner);
  if (!expired) return std::move(expired).error().error;
  return std::move(*expired);
}

Result<std::vector<store::Partition>> DropExpired(const WorkLoopParts& parts) {
  const auto owner = ConnectAsOwner(parts.database);
  if (!owner) return owner.error();
  auto expired = FindExpired(parts, **owner);
  if (!expired) return std::move(expired).error().error;
  std::vector<store::Partition> gone;
  for (store::Partition& partition : *expired) {
    const auto dropped = store::DropPartition(**owner, partition, parts.clock.Now());
    if (!dropped) return dropped.error().error;
    if (!dropped->dropped) continue;
    partition.quarantined = dropped->quarantined;
    parts.log.Write(Event::kPartitionDropped,
                    {{"partition", partition.name},
                     {"bytes", std::to_string(partition.bytes)},
                     {"quarantined", std::to_string(partition.quarantined)}});
    gone.push_back(std::move(partition));
  }
  return gone;
}

Result<ingest::ReworkSummary> RetryHeld(const WorkLoopParts& parts,
                                        const std::string& name,
                                        const ingest::Rework::GoesOn& goes_on) {
  auto connection = parts.database.Connect(kRoleApi);
  if (!connection) return std::move(connection).error();
  const auto list = store::ReadDomains(**connection);
  if (!list) return list.error().error;
  auto profiles = store::ReadProfiles(**connection);
  if (!profiles) return profiles.error().error;
  const ingest::DomainView view = ViewOf(*list, std::move(*profiles));
  store::Rewriter rewriter(parts.database.Options(kRoleIngest));
  ingest::Rework rework(
      {.retention = std::chrono::months(parts.settings.retention.reports_months)},
      {rewriter, view, parts.clock});
  if (auto done = rework.Foreign(name, goes_on); !done) return std::move(done).error();
  for (const std::string& bug : rework.summary().bugs) {
    parts.log.Write(Event::kInternalError, {{"where", "retry"}, {"what", bug}});
  }
  if (rework.summary().changed > 0) {
    parts.log.Write(Event::kForeignRetried,
                    {{"name", name},
                     {"receipts", std::to_string(rework.summary().receipts)},
                     {"rows", std::to_string(rework.summary().rows_added)}});
  }
  return rework.summary();
}

// Two processes of one node must not take each other for themselves.
WorkLoop::WorkLoop(WorkLoopParts parts)
    : parts_(parts),
      holder_(parts.settings.node + "/" + MakeUuidV7(SystemClock().Now()).ToString()) {}
WorkLoop::~WorkLoop() = default;

Result<void> WorkLoop::Connect() {
  if (connection_ != nullptr && !connection_->IsBroken()) return {};
  connection_.reset();
  auto opened = parts_.database.Connect(kRoleIngest);
  if (!opened) return std::move(opened).error();
  connection_ = std::move(*opened);
  for (const std::string_view kind : kPeriodic) {
    if (auto there = store::EnsureWork(*connection_, kind); !there) {
      return std::move(there).error().error;
    }
  }
  return {};
}

Result<bool> WorkLoop::DoOne() {
  if (stopping_) return false;
  if (auto connected = Connect(); !connected) return std::move(connected).error();
  const auto item = store::TakeWork(*connection_, kKinds, holder_, kLease);
  if (!item) return item.error().error;
  if (!*item) return false;
  Result<void> done;
  try {
    done = Do(**item);
  } catch (const std::exception& e) {
    done = Error{ErrorKind::kInternal, e.what()};
  }
  if (!done) {
    parts_.log.Write(Event::kWorkFailed, {{"kind", (*item)->kind},
                                          {"domain", (*item)->domain},
                                          {"what", done.error().message}});
  }
  const std::chrono::seconds back_off =
      kFirstBackOff * std::clamp((*item)->attempts, 1, kMostBackOffs);
  const auto given_back =
      !done || stopping_
          ? store::GiveBackWork(*connection_, **item, holder_,
                                stopping_ ? std::chrono::seconds(0) : back_off, false)
      : IsPeriodic((*item)->kind)
          ? store::GiveBackWork(*connection_, **item, holder_, kPeriod, true)
          : store::FinishWork(*connection_, **item, holder_);
  if (!given_back) return given_back.error().error;
  return true;
}

Result<void> WorkLoop::Do(const store::WorkItem& item) {
  if (item.kind == store::kWorkPartitions) {
    auto made = MakePartitions(parts_);
    return made ? Result<void>() : std::move(made).error();
  }
  if (item.kind == store::kWorkRetention) {
    auto dropped = DropExpired(parts_);
    return dropped ? Result<void>() : std::move(dropped).error();
  }
  if (item.kind == store::kWorkDemo) {
    auto told = TellDemoFurther(parts_.database, parts_.settings, parts_.clock.Now());
    return told ? Result<void>() : std::move(told).error();
  }
  return RetryForeign(item);
}

Result<void> WorkLoop::RetryForeign(const store::WorkItem& item) {
  bool lost = false;
  const auto goes_on = [&] {
    const auto extended = store::ExtendWork(*connection_, item, holder_, kLease);
    lost = !extended || !*extended;
    return !lost && !stopping_;
  };
  auto done = RetryHeld(parts_, item.domain, goes_on);
  if (!done) return std::move(done).error();
  if (lost) {
    return Error{ErrorKind::kUnavailable, "the lease ended; another worker has it"};
  }
  return {};
}

}  // namespace tlsrpt::cmd
