// One end of "date-range" of a report (RFC 8460, 4.4): date-time of RFC 3339, 5.6.
//
// Units    UTC, whole seconds.
// Errors   kMalformed, naming what was expected and the byte -> the report is
//          quarantined, since its day is unknown.
// Threads  pure function.
#pragma once

#include <chrono>
#include <string_view>

#include "base/result.h"

namespace tlsrpt::ingest {

// Sets `*offset_missing` when the text has no Z and no offset (Microsoft) and was read
// as UTC.
Result<std::chrono::sys_seconds> ParseReportTime(std::string_view text,
                                                 bool* offset_missing = nullptr);

}  // namespace tlsrpt::ingest
