// The way to `ready` for a domain with little mail: twice the time and our own looks
// instead of many reports (DESIGN 6, low traffic). The answer says `confidence: low`.
//
// Threads  pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "api/readiness/case.h"
#include "api/readiness/verdict.h"

namespace tlsrpt::api {

struct LowTraffic {
  bool applies = false;
  Window window;  // of low_traffic_days
  std::int64_t sessions = 0;
  std::int64_t days = 0;
  std::int64_t probe_days = 0;
  std::string missing;  // what it takes, where it does not apply
};

// Whether `criteria` fall short in days, reporters or sessions alone, and the longer
// window makes up for that.
LowTraffic LowTrafficOf(const Case& c, const std::vector<Criterion>& criteria);

// Lets the three criteria pass, and say why.
void ApplyLowTraffic(const LowTraffic& low, std::vector<Criterion>& criteria);

// Whether the counts of the longer window are enough on the day `today`, given the
// evidence and the days on which looks passed.
bool EnoughForLowTraffic(const Case& c, const EvidenceDays& evidence,
                         const std::set<std::chrono::sys_days>& passing,
                         std::chrono::sys_days today);

// The days that its looks have to lie in.
Window LowTrafficProbeDays(const Case& c, std::chrono::sys_days today);

}  // namespace tlsrpt::api
