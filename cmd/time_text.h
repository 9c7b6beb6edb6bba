// Times as an administrator writes them; how they are read: base/day.h.
//
// Errors   kMalformed, with the flag, the text and what is expected.
#pragma once

#include <chrono>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace tlsrpt::cmd {

// A date, or a date-time as in reports.
Result<TimePoint> ParseTime(const std::string& flag, const std::string& text);

// "90d", "12h", "30m": how long ago.
Result<std::chrono::seconds> ParseAge(const std::string& flag, const std::string& text);

}  // namespace tlsrpt::cmd
