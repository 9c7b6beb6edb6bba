// Empties the spool into PostgreSQL: takes a batch, works it through, writes it, marks
// it done. Runs for as long as the process does, through outages of hours. An entry whose
// voucher waits for DNS is given back, and holds up nobody (dns_wait.h).
//
// Errors   none leave: what fails is given back to the spool with a back-off and logged.
// Threads  `workers` threads of its own, each with its own connection.
// Lifetime the parts outlive it; Stop() returns when what is in hand is committed or
//          given back. The destructor calls it.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/ops/log.h"
#include "base/ops/metrics.h"
#include "ingest/flow/dns_wait.h"
#include "ingest/flow/domain_view.h"
#include "ingest/flow/voucher.h"
#include "ingest/spool/spool.h"
#include "store/writer/writer.h"

namespace tlsrpt::ingest {

struct DrainOptions {
  std::size_t workers = 2;
  // As many receipts in one transaction share the writing of the daily sums, some hundred
  // rows whatever they are; past a thousand the gain is small, and a refused batch is
  // halved more often.
  std::size_t batch_receipts = 1000;
  std::size_t batch_bytes = 32u << 20;
  // A batch whose reports take as much memory is written before the rest of it is read:
  // 32 MB of mails may hold gigabytes. A single report is at most some 40 MB.
  std::size_t batch_memory_bytes = 64u << 20;
  std::chrono::months retention{25};
  std::string node;
  DnsWaitLimits dns_wait = {};
};

struct DrainParts {
  Spool& spool;
  const DomainViews& views;
  const Voucher& voucher;
  const Clock& clock;
  Logger& log;
  std::function<std::unique_ptr<store::Writer>()> make_writer;  // one a worker
  Metrics* metrics = nullptr;                                   // null: nobody counts
};

class Drain {
 public:
  Drain(DrainOptions options, DrainParts parts);
  ~Drain();

  void Stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tlsrpt::ingest
