#include "api/readiness/settings_json.h"

#include <nlohmann/json.hpp>

#include "api/readiness/settings_table.h"

namespace tlsrpt::api {

std::string SettingsJson(const ReadinessSettings& settings) {
  nlohmann::ordered_json json;
  for (const SettingRow& row : SettingsTable()) {
    json[std::string(row.name)] = row.get(settings);
  }
  json["live"] = settings.live;
  json["counted_reporters"] = settings.counted_reporters;
  json["required_reporters"] = settings.required_reporters;
  json["our_rua"] = settings.our_rua;
  return json.dump();
}

}  // namespace tlsrpt::api
