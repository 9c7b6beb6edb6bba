// Evaluates domains: takes the work that waits, decides on the evidence, writes the
// status of each domain and the log of its changes.
//
// Any number of them may run, in any number of processes. What is taken is taken by
// lease, a few domains at a time over one connection; what is written is written with the
// end of the piece of work, so a change is logged once (store/fleet).
//
// A status leaves out how intake stands: whether a report waits in some spool changes
// every second, for all domains alike, and is no change of a domain. Who reads a status
// asks for that at the time (moment.h).
//
// Errors   DoSome(): the database is away. What goes wrong with one domain is logged, and
//          it is tried again later; until then it is not listed as ready.
// Threads  DoSome() from one thread; Stop() from any.
// Lifetime the parts outlive it.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/readiness/settings.h"
#include "base/clock.h"
#include "base/ops/log.h"
#include "base/ops/metrics.h"
#include "base/result.h"
#include "store/fleet/status_book.h"
#include "store/pg/connection.h"
#include "store/queries/domain_page.h"

namespace tlsrpt::api {

struct EvaluatorOptions {
  ReadinessSettings rules;
  std::chrono::seconds spread{3600};  // of the daily turns, after midnight UTC
  std::string holder;                 // unique to this evaluator, not to its node
};

struct EvaluatorParts {
  // Role tlsrptd_api.
  std::function<Result<std::unique_ptr<store::Connection>>()> connect;
  const Clock& clock;
  Logger& log;
  Metrics& metrics;
};

class Evaluator {
 public:
  Evaluator(EvaluatorOptions options, EvaluatorParts parts);
  ~Evaluator();

  // Takes and does a few pieces of work; how many. 0: nothing is due.
  Result<int> DoSome();

  // What is under way ends after the domain in hand.
  void Stop() { stopping_ = true; }

 private:
  Result<void> Connect();
  store::PgResult<std::vector<store::WorkItem>> Take();
  store::PgResult<std::int64_t> MakeWork();
  store::PgResult<void> Do(const store::WorkItem& item);
  store::PgResult<void> Evaluate(const store::WorkItem& item,
                                 const store::OneDomain& domain);
  void Tell(const std::string& domain, const store::StateChange& change);

  const EvaluatorOptions options_;
  const EvaluatorParts parts_;
  std::unique_ptr<store::Connection> connection_;
  bool rules_compared_ = false;  // with those that the statuses there were decided by
  std::optional<TimePoint> missing_looked_for_at_;
  std::atomic<bool> stopping_ = false;
};

}  // namespace tlsrpt::api
