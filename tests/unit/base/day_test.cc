#include "base/day.h"

#include <gtest/gtest.h>

namespace tlsrpt {
namespace {

using namespace std::chrono;  // NOLINT: literals and days

TEST(Day, ThereAndBack) {
  const sys_days day = sys_days{2024y / February / 29};
  EXPECT_EQ(DateText(day), "2024-02-29");
  EXPECT_EQ(ParseDate("2024-02-29"), day);
}

TEST(Day, TimesAreOfWholeSeconds) {
  const TimePoint day = sys_days{2028y / February / 29};
  EXPECT_EQ(TimeText(day), "2028-02-29T00:00:00Z");
  EXPECT_EQ(TimeText(day + 3h + 4min + 5s + 6us), "2028-02-29T03:04:05Z");
  EXPECT_EQ(TimeText(day - 1us), "2028-02-28T23:59:59Z");
  EXPECT_EQ(TimeText(TimePoint(-1us)), "1969-12-31T23:59:59Z");
}

TEST(Day, RefusesWhatIsNoDate) {
  for (const char* text : {"", "2024-2-29", "2023-02-29", "2024-13-01", "2024-00-10",
                           "2024-01-32", "2024-01-00", "2024/01/01", "20240101",
                           "2024-01-01T00:00:00Z", "+024-01-01", "2024-01-0x"}) {
    EXPECT_FALSE(ParseDate(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace tlsrpt
