// The settings of one domain: names, bounds, and which way is weaker.
//
// Under its plain name a setting takes what is at least as strict as its default; what is
// weaker takes "unsafe_" before the name, and is named in every verdict made with it. So
// nobody weakens a promise by a slip, and nobody who reads a verdict misses it. A longer
// span asks for more and has more in it; so the default is asked as well (baseline.h).
//
// Errors   kNotFound   no such setting
//          kMalformed  not a number, out of bounds, or weaker under the plain name
// Threads  pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/readiness/settings.h"
#include "base/result.h"

namespace tlsrpt::api {

struct SettingRow {
  std::string_view name;
  std::string_view unit;
  std::string_view what;
  std::int64_t min;
  std::int64_t max;
  bool less_is_weaker;
  std::int64_t (*get)(const ReadinessSettings&);
  void (*set)(ReadinessSettings&, std::int64_t);
};

std::span<const SettingRow> SettingsTable();

// Than the default.
bool IsWeaker(const SettingRow& row, std::int64_t value);

// `name` without "unsafe_".
std::string_view PlainName(std::string_view name);

// The settings that are lists, with commas between: "required_reporters" (names of
// reporters) and "our_rua" ("mailto:..." and "https://...", where our reports should go).
bool IsList(std::string_view plain_name);

// Whether there is such a setting, of either kind.
bool IsSetting(std::string_view plain_name);

// The value of a setting as ApplySetting() takes it; "" for an empty list.
std::string ValueOf(const ReadinessSettings& settings, std::string_view plain_name);

// `name` is that of a row, with or without "unsafe_", or of a list. An empty list is
// taken.
Result<void> ApplySetting(ReadinessSettings& settings, std::string_view name,
                          std::string_view value);

// "unsafe_min_days_covered = 5 (default 10)", in the order of the table.
std::vector<std::string> UnsafeSettings(const ReadinessSettings& settings);

}  // namespace tlsrpt::api
