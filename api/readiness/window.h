// The two weeks a verdict is about: whole UTC days by the wall clock, never "the newest
// data", which would let a silent fortnight go unnoticed.
//
// Threads  pure functions.
#pragma once

#include <chrono>
#include <set>

#include "api/readiness/verdict.h"
#include "base/clock.h"

namespace tlsrpt::api {

// The UTC date of `time`.
std::chrono::sys_days DayOf(TimePoint time);

// `window_days` days that end `settle_days` before `today`, that day included. With 14
// and 2, asked on 2026-11-23: 2026-11-08 to 2026-11-21.
Window WindowAt(std::chrono::sys_days today, int window_days, int settle_days);

// When a period whose middle, or last day, is `day` has ended for certain: it may not be
// aligned with the UTC day (Stalwart's are not).
TimePoint EndOfPeriodsOn(std::chrono::sys_days day);

bool Contains(const Window& window, std::chrono::sys_days day);

// Those of `days` that lie in `window`.
std::set<std::chrono::sys_days> DaysIn(const Window& window,
                                       const std::set<std::chrono::sys_days>& days);

// The last `days` days of `window`.
Window LastDaysOf(const Window& window, int days);

// The first day of asking whose window lies wholly after `day`.
std::chrono::sys_days FirstDayClearOf(std::chrono::sys_days day, int window_days,
                                      int settle_days);

}  // namespace tlsrpt::api
