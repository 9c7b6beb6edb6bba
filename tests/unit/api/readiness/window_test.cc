#include "api/readiness/window.h"

#include <gtest/gtest.h>

#include <chrono>

#include "api/readiness/format.h"

namespace tlsrpt::api {
namespace {

using namespace std::chrono;  // NOLINT

TEST(Window, EndsAt24HoursOfTheDayBeforeYesterday) {
  const struct {
    const char* why;
    TimePoint now;
    const char* first;
    const char* last;
  } rows[] = {
      {"the example of the design", sys_days{2026y / 11 / 23} + 10h, "2026-11-08",
       "2026-11-21"},
      {"midnight", sys_days{2026y / 11 / 23} + 0us, "2026-11-08", "2026-11-21"},
      {"before midnight", sys_days{2026y / 11 / 23} - 1us, "2026-11-07", "2026-11-20"},
      {"over a leap day", sys_days{2028y / 3 / 3} + 1h, "2028-02-17", "2028-03-01"},
      {"over the end of a year", sys_days{2027y / 1 / 2} + 1h, "2026-12-18",
       "2026-12-31"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const Window window = WindowAt(DayOf(row.now), 14, 2);
    EXPECT_EQ(DayText(window.first_day), row.first);
    EXPECT_EQ(DayText(window.last_day), row.last);
  }
  EXPECT_EQ(DayOf(sys_days{1969y / 12 / 31} + 23h), sys_days{1969y / 12 / 31});
}

TEST(Window, PartsOfIt) {
  const sys_days today = 2026y / 11 / 23;
  const Window window = WindowAt(today, 14, 2);
  EXPECT_EQ((window.last_day - window.first_day).count(), 13);
  EXPECT_EQ(LastDaysOf(window, 3), (Window{2026y / 11 / 19, 2026y / 11 / 21}));
  EXPECT_TRUE(Contains(window, window.first_day));
  EXPECT_TRUE(Contains(window, window.last_day));
  EXPECT_FALSE(Contains(window, window.first_day - days{1}));
  EXPECT_FALSE(Contains(window, window.last_day + days{1}));
  const sys_days bad = 2026y / 11 / 20;
  const sys_days clear = FirstDayClearOf(bad, 14, 2);
  EXPECT_FALSE(Contains(WindowAt(clear, 14, 2), bad));
  EXPECT_TRUE(Contains(WindowAt(clear - days{1}, 14, 2), bad));
}

TEST(Format, Words) {
  EXPECT_EQ(CountText(0), "0");
  EXPECT_EQ(CountText(999), "999");
  EXPECT_EQ(CountText(1000), "1,000");
  EXPECT_EQ(CountText(-41212), "-41,212");
  EXPECT_EQ(CountText(1000000000000), "1,000,000,000,000");
  EXPECT_EQ(Counted(1, "session"), "1 session");
  EXPECT_EQ(Counted(0, "session"), "0 sessions");
  EXPECT_EQ(ListText({}), "");
  EXPECT_EQ(ListText({"a"}), "a");
  EXPECT_EQ(ListText({"a", "b"}), "a and b");
  EXPECT_EQ(ListText({"a", "b", "c", "d"}), "a, b, c and d");
  EXPECT_EQ(ListText({"a", "b", "c", "d", "e"}), "a, b, c and 2 more");
  const sys_days day = 2026y / 12 / 30;
  EXPECT_EQ(DaysText({}), "");
  EXPECT_EQ(DaysText({day}), "2026-12-30");
  EXPECT_EQ(DaysText({day, day + days{1}, day + days{2}, day + days{4}}),
            "2026-12-30 to 2027-01-01, 2027-01-03");
  EXPECT_EQ(DaysText({day, day + days{2}, day + days{4}, day + days{6}, day + days{8}}),
            "... 2027-01-01, 2027-01-03, 2027-01-05, 2027-01-07");
}

}  // namespace
}  // namespace tlsrpt::api
