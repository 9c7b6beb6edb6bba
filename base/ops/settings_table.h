// The table of settings: every one declared once. Private to base/ops.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ops/settings.h"

namespace tlsrpt::ops {

// Where a setting lives in Settings; its type is the type of the value.
using SettingPlace =
    std::variant<std::string& (*)(Settings&), std::vector<std::string>& (*)(Settings&),
                 bool& (*)(Settings&), std::int64_t& (*)(Settings&),
                 std::chrono::seconds& (*)(Settings&)>;

// How a number is written.
enum class SettingUnit {
  kNone,
  kBytes,     // 4GiB, 256MiB, 1000
  kDuration,  // 24h, 10m, 300s
};

struct SettingRow {
  std::string_view key;   // in the file: "smtp.listen"
  std::string_view flag;  // "--smtp"; empty: none
  SettingPlace place;
  std::string_view help;
  SettingUnit unit = SettingUnit::kNone;
  std::int64_t min = 0;
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
  std::string_view choices = {};  // "a|b"; empty: any text
};

std::span<const SettingRow> SettingTable();

// "TLSRPTD_SMTP_LISTEN"
std::string EnvironmentName(const SettingRow& row);

// Sets the value from text, as a flag or the environment gives it. kMalformed says what
// is expected.
Result<void> SetFromText(const SettingRow& row, const std::vector<std::string>& values,
                         Settings& settings);

// The value as a file would hold it: "\"127.0.0.1:2525\"", "\"24h\"", "[]".
std::string ShowValue(const SettingRow& row, Settings& settings);

}  // namespace tlsrpt::ops
