// Writes what `ingest/demo` makes up, and later what has happened since: a demo that is
// left alone stays as fresh as the reports and looks of a domain that somebody has.
//
// Errors   kMalformed: a domain of the demo is somebody's. kUnavailable: the database is
//          away, or the months of the demo have no partition.
// Threads  one.
#pragma once

#include <cstddef>
#include <vector>

#include "base/clock.h"
#include "base/ops/settings.h"
#include "base/result.h"
#include "cmd/database.h"
#include "ingest/demo/demo.h"

namespace tlsrpt::cmd {

// A demo that begins at `now`, in place of an earlier one. What was written.
Result<std::vector<ingest::DemoDomain>> WriteDemo(const Database& database,
                                                  const Settings& settings,
                                                  TimePoint now);

// What happened to each domain since it was last looked at, if that is kDemoToldFor ago;
// how many reports and looks that were. No demo: none.
Result<std::size_t> TellDemoFurther(const Database& database, const Settings& settings,
                                    TimePoint now);

}  // namespace tlsrpt::cmd
