// What a batch adds to the counters of its node that have labels: receipts by transport
// and outcome, sessions by policy type and result. In the same transaction as the rows,
// so they are exact across crashes and replays.
//
//   name = metric *( "/" label value )       ; "receipts/smtp/stored"
//
//   receipts         transport, outcome
//   sessions         policy type, "success" / "failure", "vouched" / "unvouched"
//   failed_sessions  policy type, result type, "vouched" / "unvouched"
//
// base/ops/metrics.h shows them under the same names and labels.
//
// Units    sessions. Never to be added up over policy types.
// Threads  a value for one thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "store/model/vocabulary.h"
#include "store/writer/rollup.h"

namespace tlsrpt::store {

class Counters {
 public:
  void AddReceipt(Transport transport, Outcome outcome);
  void Add(const Rollup& rollup);

  // By name; sorted, so that two batches lock the rows in one order.
  const std::map<std::string, std::int64_t>& deltas() const { return deltas_; }

 private:
  std::map<std::string, std::int64_t> deltas_;
};

}  // namespace tlsrpt::store
