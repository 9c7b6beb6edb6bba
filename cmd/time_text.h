// Times as an administrator writes them and reads them.
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

// "2026-11-23T10:00:00Z"
std::string TimeText(TimePoint time);

}  // namespace tlsrpt::cmd
