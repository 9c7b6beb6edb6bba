// The time, handed in, so that a test can hand in its own.
//
// Units    microseconds UTC: what PostgreSQL's timestamptz holds.
// Threads  Now() may be called from any thread.
#pragma once

#include <chrono>

namespace tlsrpt {

using TimePoint = std::chrono::sys_time<std::chrono::microseconds>;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint Now() const = 0;
};

class SystemClock final : public Clock {
 public:
  TimePoint Now() const override {
    return std::chrono::time_point_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now());
  }
};

}  // namespace tlsrpt
