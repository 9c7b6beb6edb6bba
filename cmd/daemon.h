// A process that runs until it is told to stop: what `serve` and its roles apart have in
// common. It opens the database, takes its parts through the steps of a start with the
// rights that each step needs, keeps the house while they run, and stops them in the
// reverse order.
//
//   step          as whom        what a part does in it
//   ReadSettings  root, if so    looks at the settings, and reads what only root may have
//                                access to (a key)
//   Prepare       service user   opens its files; the database is there, or is known to
//                                be away
//   Listen        root, if so    binds its ports, and answers "not yet" on them
//   Start         service user   begins to work
//
// Errors   of a start: the first error ends it, and the process.
// Threads  every step, Reload() and Stop() run on the main thread, KeepHouse() beside it.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/clock.h"
#include "base/ops/log.h"
#include "base/ops/metrics.h"
#include "base/ops/settings.h"
#include "base/result.h"
#include "cmd/database.h"
#include "ingest/spool/spool_stats.h"

namespace tlsrpt::cmd {

class DaemonPart {
 public:
  virtual ~DaemonPart() = default;

  // The first step, before anything is made and with the rights of whoever started us:
  // what is wrong with the settings, and files that others may not read.
  virtual Result<void> ReadSettings() { return {}; }
  // `database` outlives the part's Stop().
  virtual Result<void> Prepare(const Database& database) = 0;
  virtual Result<void> Listen() { return {}; }
  virtual Result<void> Start() { return {}; }

  // Adds the ports that are open: {"smtp": 2525}.
  virtual void AddPorts(nlohmann::json&) const {}
  // All parts have started: what a person is told on standard output.
  virtual void Announce() const {}
  // Called every few seconds, on a thread of its own; not during or after Stop().
  virtual void KeepHouse() {}

  // On SIGHUP: reads again what may change while it runs. The settings are not.
  virtual void Reload() {}

  // No new work; what is in hand is committed or stays where it is durable. Also called
  // after a start that failed, whichever of the steps above it came to.
  virtual void Stop() {}
};

// What the parts of one process share; outlives them.
struct DaemonBasis {
  Settings settings;
  Logger& log;
  Metrics& metrics;
  const Clock& clock;
  TimePoint started_at;
  // What waits in the spool of this process; from the intake, once it is prepared and for
  // as long as it is there. Empty: no spool here.
  std::function<ingest::SpoolStats()> spool_stats = {};
  // Puts what the ports of the intake have counted into `metrics`; as long.
  std::function<void()> count_intake = {};
};

// Makes the parts once settings and log are there, in the order of their start.
using MakeParts = std::vector<std::unique_ptr<DaemonPart>> (*)(DaemonBasis&);

// Runs until SIGTERM or SIGINT, whatever SIGHUP comes; returns the exit status. 0: told
// to stop, and everything in hand is safe.
Result<int> RunDaemon(Settings settings, MakeParts make_parts);

}  // namespace tlsrpt::cmd
