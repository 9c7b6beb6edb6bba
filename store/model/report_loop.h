// Report loops: two domains that report on each other's report mail, every day, for ever.
// Such a reporter looks like a sender and may never have sent anything else.
//
// Advice only: nothing is left out of any count for it.
//
// Units    days, and sessions of one reporter with one domain.
// Threads  pure function.
#pragma once

#include <cstdint>

namespace tlsrpt::store {

// A report mail a day, with a retry or an address family more.
inline constexpr std::int64_t kMaxLoopSessions = 3;
// Fewer days say nothing: a small sender's ordinary week looks the same.
inline constexpr int kMinLoopDays = 10;

// `days_reported` of the last `days_asked`, none of them with more than `most_sessions`.
// A loop does not pause: it must have been nearly every day.
constexpr bool LooksLikeReportLoop(int days_reported, int days_asked,
                                   std::int64_t most_sessions) {
  return days_reported >= kMinLoopDays && days_reported * 14 >= days_asked * 10 &&
         most_sessions > 0 && most_sessions <= kMaxLoopSessions;
}

}  // namespace tlsrpt::store
