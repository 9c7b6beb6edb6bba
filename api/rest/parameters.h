// Query parameters, read with their bounds. A parameter that is there and cannot be read
// is an error that names it: a misspelt day must not quietly become "the last month".
//
// Errors   400 with the name, the value and what is expected.
// Threads  pure functions.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/rest/call.h"
#include "api/rest/refusal.h"

namespace tlsrpt::api {

// Items of a page.
inline constexpr std::int64_t kDefaultLimit = 50;
inline constexpr std::int64_t kMaxLimit = 500;
// Days that one answer may cover: more than reports are kept by default (25 months), and
// a bound on what one request costs.
inline constexpr std::chrono::days kMaxDays{800};
inline constexpr std::chrono::days kDefaultDays{30};

// Nothing where it is absent.
std::optional<std::string> TextParameter(const Call& call, const std::string& name);
Rest<std::optional<bool>> BoolParameter(const Call& call, const std::string& name);
Rest<std::int64_t> NumberParameter(const Call& call, const std::string& name,
                                   std::int64_t otherwise, std::int64_t min,
                                   std::int64_t max);
// "2026-11-23", or a date-time in UTC "2026-11-23T10:00:00Z".
Rest<std::optional<TimePoint>> TimeParameter(const Call& call, const std::string& name);

struct DayRange {
  std::chrono::sys_days first;
  std::chrono::sys_days last;
};

// `from` and `to`, both inclusive; by default the last 30 days, today included.
Rest<DayRange> DaysParameter(const Call& call);

}  // namespace tlsrpt::api
