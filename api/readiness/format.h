// How days, counts and lists are written in the sentences of a verdict. Times:
// base/day.h.
//
// Threads  pure functions.
#pragma once

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "api/readiness/verdict.h"
#include "base/day.h"

namespace tlsrpt::api {

std::string DayText(std::chrono::sys_days day);  // "2026-11-21"

std::string CountText(std::int64_t count);  // "41,212"

// "1 session", "41,212 sessions"; `noun` takes an s.
std::string Counted(std::int64_t count, std::string_view noun);

// Runs of days: "2026-08-03 to 2026-08-05, 2026-08-09"; the newest few where there are
// many.
std::string DaysText(const std::set<std::chrono::sys_days>& days);

// "a", "a and b", "a, b and c", "a, b, c and 4 more".
std::string ListText(const std::vector<std::string>& items);

// Sentences one after the other; the first few where there are many.
std::string JoinSentences(const std::vector<std::string>& sentences);

}  // namespace tlsrpt::api
