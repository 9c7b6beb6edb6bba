#include "api/readiness/settings_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "api/readiness/decide.h"
#include "tests/unit/api/readiness/history.h"

namespace tlsrpt::api {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(SettingsTable, NamesAreUniqueAndDefaultsInBounds) {
  std::set<std::string_view> names;
  for (const SettingRow& row : SettingsTable()) {
    SCOPED_TRACE(row.name);
    EXPECT_TRUE(names.insert(row.name).second);
    ReadinessSettings settings;
    const std::int64_t standard = row.get(settings);
    EXPECT_GE(standard, row.min);
    EXPECT_LE(standard, row.max);
    row.set(settings, row.max);
    EXPECT_EQ(row.get(settings), row.max);
    // The default itself is always taken under the plain name.
    ReadinessSettings other;
    EXPECT_TRUE(ApplySetting(other, row.name, std::to_string(standard)).has_value());
    EXPECT_THAT(UnsafeSettings(other), IsEmpty());
  }
}

// Lists and views say for all domains at once whether intake is behind; who sets another
// number here for one must not think that they follow.
TEST(SettingsTable, SaysWhatListsGoBy) {
  for (const SettingRow& row : SettingsTable()) {
    if (row.name != "max_heartbeat_age") continue;
    const std::int64_t standard = row.get(ReadinessSettings{});
    EXPECT_THAT(std::string(row.what),
                HasSubstr("always go by " + std::to_string(standard) + " minutes"));
    return;
  }
  FAIL() << "the setting has another name";
}

TEST(SettingsTable, WeakerOnlyUnderItsUnsafeName) {
  for (const SettingRow& row : SettingsTable()) {
    SCOPED_TRACE(row.name);
    const std::int64_t standard = row.get(ReadinessSettings{});
    const std::int64_t weaker = standard + (row.less_is_weaker ? -1 : 1);
    const std::int64_t stricter = standard + (row.less_is_weaker ? 1 : -1);
    const std::string unsafe = "unsafe_" + std::string(row.name);
    ReadinessSettings settings;
    if (weaker >= row.min && weaker <= row.max) {
      EXPECT_FALSE(ApplySetting(settings, row.name, std::to_string(weaker)).has_value());
      EXPECT_EQ(row.get(settings), standard) << "left untouched";
      EXPECT_TRUE(ApplySetting(settings, unsafe, std::to_string(weaker)).has_value());
      EXPECT_THAT(UnsafeSettings(settings),
                  ElementsAre(unsafe + " = " + std::to_string(weaker) + " (default " +
                              std::to_string(standard) + ")"));
    }
    if (stricter >= row.min && stricter <= row.max) {
      EXPECT_TRUE(ApplySetting(settings, row.name, std::to_string(stricter)).has_value());
      EXPECT_THAT(UnsafeSettings(settings), IsEmpty());
      EXPECT_FALSE(ApplySetting(settings, unsafe, std::to_string(stricter)).has_value());
    }
  }
}

TEST(SettingsTable, WhatIsRefused) {
  ReadinessSettings settings;
  const struct {
    const char* name;
    const char* value;
    ErrorKind kind;
    const char* says;
  } rows[] = {
      {"min_sesions", "1", ErrorKind::kNotFound, "min_sesions"},
      {"unsafe_", "1", ErrorKind::kNotFound, "no such"},
      {"min_sessions", "many", ErrorKind::kMalformed, "not a number of sessions"},
      {"min_sessions", "-1", ErrorKind::kMalformed, "from 1 to"},
      {"unsafe_min_sessions", "0", ErrorKind::kMalformed, "from 1 to"},
      {"min_sessions", "1000001", ErrorKind::kMalformed, "from 1 to"},
      {"min_sessions", "99", ErrorKind::kMalformed, "the name is unsafe_min_sessions"},
      {"required_reporters", "google.com, ..", ErrorKind::kMalformed,
       "required_reporters"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const auto applied = ApplySetting(settings, row.name, row.value);
    ASSERT_FALSE(applied.has_value());
    EXPECT_EQ(applied.error().kind, row.kind);
    EXPECT_THAT(applied.error().message, HasSubstr(row.says));
  }
  EXPECT_TRUE(
      ApplySetting(settings, "required_reporters", "Google.com, mail.ru,").has_value());
  EXPECT_THAT(settings.required_reporters, ElementsAre("google.com", "mail.ru"));
}

TEST(SettingsTable, TheVerdictNamesThem) {
  ReadinessSettings settings = ReportsOnly();
  ASSERT_TRUE(ApplySetting(settings, "unsafe_min_reporters", "1").has_value());
  const Verdict verdict = Decide(History().Ok(kGoogle, -13, 0), settings, kNow);
  EXPECT_EQ(verdict.kind, VerdictKind::kReady);
  EXPECT_THAT(verdict.unsafe_settings,
              ElementsAre("unsafe_min_reporters = 1 (default 2)"));
  EXPECT_THAT(verdict.sentence, HasSubstr("unsafe_min_reporters = 1 (default 2)"));
}

}  // namespace
}  // namespace tlsrpt::api
