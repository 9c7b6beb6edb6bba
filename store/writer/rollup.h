// What a batch of new reports adds to the daily sums: domain_day and
// domain_day_failure, collected per key so that each row is touched once a batch.
//
// Units    sessions.
// Threads  a value for one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "store/model/filed_report.h"
#include "store/model/filing.h"

namespace tlsrpt::store {

// domain_day.kind beside the policy types: distinct sessions. A sum of maxima is not a
// maximum of sums, so it has a row of its own.
inline constexpr std::int16_t kKindDistinct = 9;

// One column group of domain_day.
struct DaySums {
  std::int64_t reports = 0;
  SessionCounts sessions;

  void Add(const SessionCounts& more, int sign);
};

class Rollup {
 public:
  using DayKey = std::tuple<std::string, std::chrono::sys_days, std::int16_t>;
  using FailureKey =
      std::tuple<std::string, std::chrono::sys_days, std::int16_t, std::int16_t>;
  struct Day {
    DaySums vouched;
    DaySums unvouched;
  };
  struct Failure {
    std::int64_t vouched = 0;
    std::int64_t unvouched = 0;
  };

  // `sign` -1 takes it out again.
  void Add(const FiledReport& report, int sign = 1);

  // Sorted by key: two batches that meet on several rows lock them in one order.
  const std::map<DayKey, Day>& days() const { return days_; }
  const std::map<FailureKey, Failure>& failures() const { return failures_; }

 private:
  std::map<DayKey, Day> days_;
  std::map<FailureKey, Failure> failures_;
};

}  // namespace tlsrpt::store
