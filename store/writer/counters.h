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
#include <utility>

#include "store/model/vocabulary.h"
#include "store/writer/rollup.h"

namespace tlsrpt::store {

class Counters {
 public:
  void AddReceipt(Transport transport, Outcome outcome);
  void Add(const Rollup& rollup);

  // By name; sorted, so that two batches lock the rows in one order.
  std::map<std::string, std::int64_t> Deltas() const;

 private:
  // A batch has many rows of few kinds, which are named in the end.
  std::map<std::pair<Transport, Outcome>, std::int64_t> receipts_;
  std::map<PolicyType, Rollup::Day> sessions_;
  std::map<std::pair<PolicyType, ResultType>, Rollup::Failure> failed_sessions_;
};

}  // namespace tlsrpt::store
