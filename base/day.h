// UTC dates and times as text: "2026-11-21", "2026-11-21T10:00:00Z", the one form in ids,
// queries and answers.
//
// Threads  pure functions.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace tlsrpt {

std::string DateText(std::chrono::sys_days day);
// Whole seconds; what is finer is cut off.
std::string TimeText(TimePoint time);
// Exactly yyyy-mm-dd, and a date that exists; nothing otherwise.
std::optional<std::chrono::sys_days> ParseDate(std::string_view text);

}  // namespace tlsrpt
