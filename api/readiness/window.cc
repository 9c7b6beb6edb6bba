#include "api/readiness/window.h"

#include "store/model/filing.h"

namespace tlsrpt::api {

using std::chrono::days;
using std::chrono::sys_days;

sys_days DayOf(TimePoint time) { return std::chrono::floor<days>(time); }

Window WindowAt(sys_days today, int window_days, int settle_days) {
  const sys_days last = today - days{settle_days};
  return {last - days{window_days - 1}, last};
}

TimePoint EndOfPeriodsOn(std::chrono::sys_days day) {
  return day + std::chrono::days{1} + store::kMaxOneDayPeriod / 2;
}

bool Contains(const Window& window, sys_days day) {
  return window.first_day <= day && day <= window.last_day;
}

std::set<sys_days> DaysIn(const Window& window, const std::set<sys_days>& days) {
  return {days.lower_bound(window.first_day), days.upper_bound(window.last_day)};
}

Window LastDaysOf(const Window& window, int count) {
  return {window.last_day - days{count - 1}, window.last_day};
}

sys_days FirstDayClearOf(sys_days day, int window_days, int settle_days) {
  return day + days{window_days + settle_days};
}

}  // namespace tlsrpt::api
