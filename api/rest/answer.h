// What a handler gives back, and how JSON is written in answers.
//
// Strings out of reports are a stranger's: bytes that are no UTF-8 become U+FFFD, so that
// every answer is JSON whatever was reported.
//
// Threads  values and pure functions.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace tlsrpt::api {

using Json = nlohmann::ordered_json;

// What a browser may do with an answer that it is made to show as a page of its own:
// nothing. Data are for programs.
inline constexpr std::string_view kShowsNothing =
    "default-src 'none'; frame-ancestors 'none'; sandbox";

struct Answer {
  int status = 200;
  std::string content_type;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers = {};
  // False for what has no meaning a second later, and for bytes to be saved.
  bool cacheable = true;
  std::string_view content_security_policy = kShowsNothing;  // a constant
};

Answer JsonAnswer(const Json& json, int status = 200);

// One page: {"items": [...], "next_cursor": "..." or null}.
Json PageOf(Json items, const std::optional<std::string>& next_cursor);

// null for "".
Json TextOrNull(std::string_view text);
Json DateToJson(std::chrono::sys_days day);

}  // namespace tlsrpt::api
