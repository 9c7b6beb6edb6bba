// The demo: weeks of reports about made-up domains, one for each verdict, so that
// somebody sees what the answers look like before the first report of his own.
//
// What comes out goes the way of any report, through parser, filing and writer
// (cmd/demo_writer.h); nothing here knows a database. Of one day it says the same
// whenever it is asked, so that a demo that began some time ago can be told further: what
// broke stays broken.
//
// Units    sessions; days are UTC dates.
// Threads  pure.
#pragma once

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/model/observation.h"

namespace tlsrpt::ingest {

// The window of 14 days, the 28 of a domain with little mail, and what was before.
inline constexpr int kDemoDays = 45;

// How old its last look may become before the demo is told further. A verdict goes by
// looks of the last 26 hours.
inline constexpr std::chrono::hours kDemoToldFor{6};

struct DemoReport {
  TimePoint received_at;  // never later than now
  std::string json;
  bool vouched = true;  // false: anybody could have sent it
};

struct DemoDomain {
  std::string domain;
  std::string story;  // in a few words, for people
  std::set<std::string> mx_hosts;
  std::vector<DemoReport> reports;        // by day
  std::vector<store::Observation> looks;  // one a day, the last at `now`
};

// The kDemoDays before `now` of a demo that began at `begun_at`, which is not later.
std::vector<DemoDomain> MakeDemo(TimePoint begun_at, TimePoint now);

}  // namespace tlsrpt::ingest
