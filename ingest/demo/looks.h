// What a look at a domain of the demo would have found. Canned: nobody ever looks.
//
// Threads  pure.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "store/model/observation.h"
#include "store/model/vocabulary.h"

namespace tlsrpt::ingest {

// What is wrong at the last MX host.
enum class LiveFault { kNone, kCertificateExpired, kStarttlsMissing };

struct DemoSite {
  std::string domain;
  std::vector<std::string> mx;
  store::PolicyMode mode = store::PolicyMode::kTesting;
  bool dane = false;
  LiveFault fault = LiveFault::kNone;
  TimePoint fault_since;  // a certificate that expired did so then
};

// Records, policy file and every MX of `site`, at `when`.
store::Observation LookAt(const DemoSite& site, TimePoint when);

}  // namespace tlsrpt::ingest
