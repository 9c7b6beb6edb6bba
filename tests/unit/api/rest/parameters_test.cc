#include "api/rest/parameters.h"

#include <gtest/gtest.h>

#include "base/day.h"

namespace tlsrpt::api {
namespace {

using namespace std::chrono;  // NOLINT: literals and days

class FixedClock final : public Clock {
 public:
  TimePoint Now() const override { return sys_days{2026y / November / 26} + 10h; }
};

class ParametersTest : public testing::Test {
 protected:
  ParametersTest() { around_.clock = &clock_; }

  Call With(std::map<std::string, std::string> parameters) {
    return {.request = request_,
            .path = {},
            .parameters = std::move(parameters),
            .caller = {},
            .around = around_};
  }
  // "2026-11-01 2026-11-26", or the status of a refusal.
  std::string Days(std::map<std::string, std::string> parameters) {
    const auto range = DaysParameter(With(std::move(parameters)));
    if (!range) return std::to_string(range.error().status);
    return DateText(range->first) + " " + DateText(range->last);
  }

  FixedClock clock_;
  Surroundings around_;
  net::HttpRequest request_;
};

TEST_F(ParametersTest, Days) {
  EXPECT_EQ(Days({}), "2026-10-28 2026-11-26") << "30 days, today included";
  EXPECT_EQ(Days({{"to", "2026-11-10"}}), "2026-10-12 2026-11-10");
  EXPECT_EQ(Days({{"from", "2026-11-25"}}), "2026-11-25 2026-11-26");
  EXPECT_EQ(Days({{"from", "2026-11-28"}}), "2026-11-28 2026-11-28")
      << "a reporter east of us may be ahead";
  EXPECT_EQ(Days({{"from", "2026-11-05"}, {"to", "2026-11-05"}}),
            "2026-11-05 2026-11-05");
  EXPECT_EQ(Days({{"from", "2026-11-06"}, {"to", "2026-11-05"}}), "400");
  EXPECT_EQ(Days({{"from", "2024-09-17"}, {"to", "2026-11-25"}}),
            "2024-09-17 2026-11-25");
  EXPECT_EQ(Days({{"from", "2024-09-16"}, {"to", "2026-11-25"}}), "400") << "801 days";
  EXPECT_EQ(Days({{"from", "yesterday"}}), "400");
  EXPECT_EQ(Days({{"to", ""}}), "400");
}

TEST_F(ParametersTest, Numbers) {
  const auto number = [&](const std::string& text) {
    const auto read = NumberParameter(With({{"limit", text}}), "limit", 50, 1, 500);
    return read ? *read : -read.error().status;
  };
  EXPECT_EQ(NumberParameter(With({}), "limit", 50, 1, 500).value(), 50);
  EXPECT_EQ(number("1"), 1);
  EXPECT_EQ(number("500"), 500);
  for (const char* bad : {"0", "501", "-1", "", " 5", "5.0", "99999999999999999999"}) {
    EXPECT_EQ(number(bad), -400) << bad;
  }
}

TEST_F(ParametersTest, Times) {
  const auto time = [&](const std::string& text) {
    return TimeParameter(With({{"as_of", text}}), "as_of");
  };
  EXPECT_FALSE(TimeParameter(With({}), "as_of")->has_value());
  EXPECT_EQ(*time("2026-11-20").value(), TimePoint(sys_days{2026y / November / 20}));
  EXPECT_EQ(*time("2026-11-20T23:59:58Z").value(),
            TimePoint(sys_days{2026y / November / 20} + 23h + 59min + 58s));
  for (const char* bad :
       {"", "2026-11-20T", "2026-11-20T10:00:00", "2026-11-20 10:00:00Z",
        "2026-11-20T24:00:00Z", "2026-11-20T10:60:00Z", "2026-11-20T10:00:00+01:00"}) {
    EXPECT_FALSE(time(bad)) << bad;
  }
}

TEST_F(ParametersTest, Booleans) {
  EXPECT_EQ(BoolParameter(With({{"vouched", "true"}}), "vouched").value(), true);
  EXPECT_EQ(BoolParameter(With({{"vouched", "false"}}), "vouched").value(), false);
  for (const char* bad : {"", "1", "yes", "True"}) {
    EXPECT_FALSE(BoolParameter(With({{"vouched", bad}}), "vouched")) << bad;
  }
}

}  // namespace
}  // namespace tlsrpt::api
