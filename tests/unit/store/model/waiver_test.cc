#include "store/model/waiver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "store/model/mute.h"

namespace tlsrpt::store {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using ::testing::HasSubstr;

constexpr sys_days kToday = std::chrono::year{2026} / std::chrono::November / 23;

Waiver Good() {
  Waiver waiver;
  waiver.reporter = "google.com";
  waiver.result_type = "validation-failure";
  waiver.who = "root";
  waiver.why = "a known fault of the sender";
  waiver.made_at = kToday + std::chrono::hours{10};
  return waiver;
}

TEST(Waiver, Bounds) {
  const struct {
    const char* why;
    std::function<void(Waiver&)> change;
    std::string error;
  } rows[] = {
      {"the past alone", [](Waiver&) {}, ""},
      {"the longest future",
       [](Waiver& w) {
         w.until = kToday + days{90};
         w.max_sessions = 1000;
       },
       ""},
      {"today alone",
       [](Waiver& w) {
         w.until = kToday;
         w.max_sessions = 1;
       },
       ""},
      {"a result type of no RFC, as sent", [](Waiver& w) { w.result_type = "Testing"; },
       ""},
      {"unexplained", [](Waiver& w) { w.result_type = "unexplained"; }, ""},
      {"91 days",
       [](Waiver& w) {
         w.until = kToday + days{91};
         w.max_sessions = 1;
       },
       "more than 90 days"},
      {"the past as a future",
       [](Waiver& w) {
         w.until = kToday - days{1};
         w.max_sessions = 1;
       },
       "in the past"},
      {"until without sessions", [](Waiver& w) { w.until = kToday; }, "both"},
      {"sessions without until", [](Waiver& w) { w.max_sessions = 1; }, "both"},
      {"no sessions",
       [](Waiver& w) {
         w.until = kToday;
         w.max_sessions = 0;
       },
       "--max-sessions"},
      {"too many sessions",
       [](Waiver& w) {
         w.until = kToday;
         w.max_sessions = 1001;
       },
       "--max-sessions"},
      {"nobody", [](Waiver& w) { w.who = " "; }, "who"},
      {"no reason", [](Waiver& w) { w.why = ""; }, "--why"},
      {"no type", [](Waiver& w) { w.result_type = ""; }, "--result-type"},
      {"a failed fetch refuses nothing",
       [](Waiver& w) { w.result_type = "sts-policy-fetch-error"; }, "mute the reporter"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    Waiver waiver = Good();
    row.change(waiver);
    const auto checked = CheckWaiver(waiver);
    EXPECT_EQ(checked.has_value(), row.error.empty());
    if (!checked) {
      EXPECT_THAT(checked.error().message, HasSubstr(row.error));
    }
  }
}

TEST(Mute, Bounds) {
  Mute mute{"1",
            "mail.ru",
            "root",
            "it reports nonsense",
            kToday + std::chrono::hours{10},
            {},
            kToday + days{90}};
  EXPECT_TRUE(CheckMute(mute).has_value());
  mute.until = kToday + days{91};
  EXPECT_FALSE(CheckMute(mute).has_value());
  mute.until = kToday - days{1};
  EXPECT_FALSE(CheckMute(mute).has_value());
  mute.until = kToday;
  EXPECT_TRUE(CheckMute(mute).has_value());
  mute.why = "";
  EXPECT_FALSE(CheckMute(mute).has_value());
  mute.why = "x";
  mute.who = "";
  EXPECT_FALSE(CheckMute(mute).has_value());
}

}  // namespace
}  // namespace tlsrpt::store
