#include "api/readiness/settings_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/readiness/settings_table.h"

namespace tlsrpt::api {
namespace {

TEST(SettingsJson, EverySettingIsInIt) {
  ReadinessSettings settings;
  settings.live = false;
  settings.counted_reporters = {"microsoft.com", "google.com"};
  settings.min_sessions = 7;
  const auto json = nlohmann::json::parse(SettingsJson(settings));
  for (const SettingRow& row : SettingsTable()) {
    EXPECT_EQ(json.at(std::string(row.name)), row.get(settings)) << row.name;
  }
  EXPECT_EQ(json.at("min_sessions"), 7);
  EXPECT_EQ(json.at("live"), false);
  EXPECT_EQ(json.at("counted_reporters"),
            nlohmann::json({"google.com", "microsoft.com"}));
  EXPECT_EQ(json.at("required_reporters"), nlohmann::json::array());
  EXPECT_EQ(json.size(), SettingsTable().size() + 4);
}

}  // namespace
}  // namespace tlsrpt::api
