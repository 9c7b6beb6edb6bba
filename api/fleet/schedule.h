// When a domain is to be evaluated again although nothing comes in.
//
// After midnight UTC the window has moved by a day. Each domain has a time of its own in
// the hour (or what `spread` says) after that, always the same, so that 100,000 of them
// do not come at once. Earlier, where the newest look at the live domain is too old
// before, or a certificate that it saw ends or has too little time left.
//
// Threads  pure functions.
#pragma once

#include <chrono>
#include <string_view>

#include "api/readiness/settings.h"
#include "base/clock.h"
#include "store/model/evidence.h"

namespace tlsrpt::api {

// After midnight UTC, less than `spread`, which is at least a second.
std::chrono::seconds TurnOf(std::string_view domain, std::chrono::seconds spread);

// Later than `now`.
TimePoint NextEvaluation(const store::Evidence& evidence,
                         const ReadinessSettings& settings, TimePoint now,
                         std::chrono::seconds spread);

}  // namespace tlsrpt::api
