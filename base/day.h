// UTC dates as text: "2026-11-21", the one form in ids, queries and answers.
//
// Threads  pure functions.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace tlsrpt {

std::string DateText(std::chrono::sys_days day);
// Exactly yyyy-mm-dd, and a date that exists; nothing otherwise.
std::optional<std::chrono::sys_days> ParseDate(std::string_view text);

}  // namespace tlsrpt
