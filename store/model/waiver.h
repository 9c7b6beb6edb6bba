// A waiver: somebody accepts one group of reported failures, so that it no longer stands
// in the way of a domain.
//
// It accepts what had been received, and could be seen, when it was made: not what was
// held then, or on its way, and was stored later. The future only with a last day
// and a number of sessions; once there are more, none of the future ones is accepted. It
// never accepts what a look at the live domain finds.
//
// Threads  values and pure functions.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace tlsrpt::store {

// Longer than that nobody remembers why.
inline constexpr std::chrono::days kMaxWaiverDays{90};
// More than this is no exception but a fault.
inline constexpr std::int64_t kMaxWaivedSessions = 1000;

struct Waiver {
  std::string id;  // opaque, unique within a domain

  // The group, each exactly as reported. Empty: the reporter said nothing there.
  std::string reporter;
  std::string result_type;  // RFC 8460's spelling, "unexplained", or as sent
  std::string mx;
  std::string reason;

  std::string who;
  std::string why;
  TimePoint made_at;
  std::optional<TimePoint> withdrawn_at;
  std::string withdrawn_by;  // empty while it stands

  // Both or neither.
  std::optional<std::chrono::sys_days> until;  // the last day it accepts
  std::optional<std::int64_t> max_sessions;    // received or stored after it was made

  bool operator==(const Waiver&) const = default;
};

// Whether it keeps the bounds above.
//
// Errors  kMalformed: without who, why or result type; a type of policy retrieval (such
//         a sender refuses nothing); one of until and max_sessions without the other, or
//         past its bound.
Result<void> CheckWaiver(const Waiver& waiver);

}  // namespace tlsrpt::store
