// A mute: somebody no longer listens to one reporter, for a time. Its failures no longer
// stand in the way, and its successes no longer count.
//
// Threads  values and pure functions.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace tlsrpt::store {

// As a waiver: longer than that nobody remembers why.
inline constexpr std::chrono::days kMaxMuteDays{90};

struct Mute {
  std::string id;        // opaque, unique within a domain
  std::string reporter;  // empty: whom the operator vouched for, nameless
  std::string who;
  std::string why;
  TimePoint made_at;
  std::optional<TimePoint> withdrawn_at;
  std::chrono::sys_days until;  // the last day it holds

  bool operator==(const Mute&) const = default;
};

// Errors  kMalformed: without who or why, or `until` past its bound.
Result<void> CheckMute(const Mute& mute);

}  // namespace tlsrpt::store
