// Does the work that waits in the table `work`, one piece after another: partitions,
// retention and the demo, which come again every hour, and looking again at what was held
// as foreign when a domain or an MX host was added.
//
// Any number of them may run, in any number of processes. Each piece is taken by lease;
// what a process died with is taken by another when the lease ends.
//
// Errors   DoOne(): the database is away. What goes wrong with one piece is logged, and
// it
//          is tried again later.
// Threads  DoOne() from one thread; Stop() from any.
// Lifetime the parts outlive it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ops/log.h"
#include "base/ops/settings.h"
#include "base/result.h"
#include "cmd/database.h"
#include "ingest/rework/rework.h"
#include "store/work/work.h"

namespace tlsrpt::cmd {

struct WorkLoopParts {
  const Database& database;
  const Settings& settings;
  const Clock& clock;
  Logger& log;
  // An administrator says what time it is: nothing is to be doubted about it.
  bool clock_is_set = false;
};

class WorkLoop {
 public:
  explicit WorkLoop(WorkLoopParts parts);
  ~WorkLoop();

  // Takes and does one piece. False: nothing is due.
  Result<bool> DoOne();

  // What is under way ends at the next page; afterwards nothing more is done.
  void Stop() { stopping_ = true; }

 private:
  Result<void> Connect();
  Result<void> Do(const store::WorkItem& item);
  Result<void> RetryForeign(const store::WorkItem& item);

  const WorkLoopParts parts_;
  const std::string holder_;
  std::unique_ptr<store::Connection> connection_;
  std::atomic<bool> stopping_ = false;
};

// Makes the partitions that are missing; how many.
Result<int> MakePartitions(const WorkLoopParts& parts);

// What the settings no longer keep.
Result<std::vector<store::Partition>> ExpiredPartitions(const WorkLoopParts& parts);

// Drops it; those that were dropped, with what was let go of.
Result<std::vector<store::Partition>> DropExpired(const WorkLoopParts& parts);

// Looks again at what is held about `name`.
Result<ingest::ReworkSummary> RetryHeld(const WorkLoopParts& parts,
                                        const std::string& name,
                                        const ingest::Rework::GoesOn& goes_on);

}  // namespace tlsrpt::cmd
