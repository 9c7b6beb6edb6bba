#include "api/fleet/domain_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "api/readiness/settings_table.h"

namespace tlsrpt::api {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Row {
  const char* why;
  const char* text;
  const char* plain_name;            // empty: refused
  std::optional<std::string> value;  // empty: the default again
};

const Row kRows[] = {
    {"stricter", "min_sessions=200", "min_sessions", "200"},
    {"blanks around", " min_sessions = 200 ", "min_sessions", "200"},
    {"weaker, and said so", "unsafe_min_sessions=50", "min_sessions", "50"},
    {"the default again", "min_sessions=", "min_sessions", {}},
    {"under its other name", "unsafe_min_sessions=", "min_sessions", {}},
    {"a list", "required_reporters=google.com,mail.ru", "required_reporters",
     "google.com,mail.ru"},
    {"our own address", "our_rua=mailto:tlsrpt@firm.example", "our_rua",
     "mailto:tlsrpt@firm.example"},
    {"weaker under the plain name", "min_sessions=50", "", {}},
    {"not weaker under the unsafe name", "unsafe_min_sessions=200", "", {}},
    {"no number", "min_sessions=many", "", {}},
    {"below the least", "unsafe_min_sessions=0", "", {}},
    {"no such setting", "min_session=200", "", {}},
    {"and none to bring back", "min_session=", "", {}},
    {"a list is never unsafe", "unsafe_our_rua=mailto:a@b.example", "", {}},
    {"no way to bring back what is none", "unsafe_our_rua_=", "", {}},
    {"no URI", "our_rua=tlsrpt@firm.example", "", {}},
    {"no value", "min_sessions", "", {}},
    {"nothing", "", "", {}},
};

TEST(SettingOf, Table) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    const auto setting = SettingOf(row.text);
    ASSERT_EQ(setting.has_value(), *row.plain_name != '\0');
    if (!setting) continue;
    EXPECT_EQ(setting->plain_name, row.plain_name);
    EXPECT_EQ(PlainName(setting->name), row.plain_name);
    EXPECT_EQ(setting->value, row.value);
  }
}

TEST(SettingOf, WhatAnOlderProgramSetCanBeTakenBack) {
  const std::vector<store::DomainSetting> stored = {
      {"min_mails", "unsafe_min_mails", "3", TimePoint{}, "root"}};
  const auto back = SettingOf("min_mails=", stored);
  ASSERT_TRUE(back.has_value()) << back.error().message;
  EXPECT_EQ(back->plain_name, "min_mails");
  EXPECT_EQ(back->value, std::nullopt);
  EXPECT_FALSE(SettingOf("min_mails=4", stored).has_value());
  EXPECT_FALSE(SettingOf("min_mail=", stored).has_value());
}

TEST(RulesFor, WhatIsSetComesOnTop) {
  ReadinessSettings process;
  process.min_reporters = 3;
  const auto rules =
      RulesFor("firm.example", process,
               {*SettingOf("unsafe_min_sessions=50"), *SettingOf("window_days=21"),
                *SettingOf("min_reporters=")});
  ASSERT_TRUE(rules.has_value()) << rules.error().message;
  EXPECT_EQ(rules->min_sessions, 50);
  EXPECT_EQ(rules->window_days, 21);
  EXPECT_EQ(rules->min_reporters, 3) << "the process's, where the domain has none";
  EXPECT_THAT(UnsafeSettings(*rules),
              ElementsAre("unsafe_min_sessions = 50 (default 100)"));
}

TEST(RulesFor, WhatCannotBeAppliedIsAnErrorAndNotTheDefault) {
  // A release later 200 may be weaker than the default, or the name may be gone.
  for (const auto& [name, value] :
       {std::pair{"min_sessions", "50"}, std::pair{"min_mails", "200"},
        std::pair{"min_sessions", "20x"}}) {
    SCOPED_TRACE(name);
    const auto rules =
        RulesFor("firm.example", {}, {{name, name, value, TimePoint{}, "root"}});
    ASSERT_FALSE(rules.has_value());
    EXPECT_EQ(rules.error().kind, ErrorKind::kInternal);
    EXPECT_THAT(rules.error().message,
                HasSubstr("tlsrptd domain set firm.example " + std::string(name) + "="));
  }
}

TEST(LookBackOf, ReachesBehindEverySpanThatIsAskedAbout) {
  EXPECT_EQ(LookBackOf({}), std::chrono::days{62});
  const std::set<std::string_view> spans = {
      "window_days",      "recent_days",      "retrieval_days",        "risk_days",
      "risk_silent_days", "low_traffic_days", "low_traffic_probe_days"};
  // Days that are counted, or added, or lie ahead.
  const std::set<std::string_view> others = {"settle_days",
                                             "mx_forget_days",
                                             "min_days_covered",
                                             "min_reporter_days",
                                             "min_certificate_left",
                                             "low_traffic_min_days",
                                             "low_traffic_min_probe_days"};
  for (const SettingRow& row : SettingsTable()) {
    SCOPED_TRACE(row.name);
    if (row.unit != "days") continue;
    EXPECT_NE(spans.contains(row.name), others.contains(row.name)) << "which is it?";
    ReadinessSettings rules;
    row.set(rules, row.max);
    const std::int64_t span = spans.contains(row.name) ? row.max : rules.window_days;
    EXPECT_GT(LookBackOf(rules).count(), span + rules.settle_days + rules.mx_forget_days);
  }
}

// Decide() asks under the defaults too, whatever shorter span is set, and for the window
// that a caller asks for.
TEST(LookBackOf, CoversAllThatIsJudgedBy) {
  for (const SettingRow& row : SettingsTable()) {
    SCOPED_TRACE(row.name);
    ReadinessSettings rules;
    row.set(rules, row.less_is_weaker ? row.max : row.min);
    EXPECT_GE(LookBackOf(rules), std::chrono::days{62});
  }
  ReadinessSettings asked;
  asked.min_window_days = 62;
  EXPECT_EQ(LookBackOf(asked), std::chrono::days{62 + 2 + 30 + 2});
}

}  // namespace
}  // namespace tlsrpt::api
