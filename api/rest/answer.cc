#include "api/rest/answer.h"

#include "base/day.h"

namespace tlsrpt::api {

Answer JsonAnswer(const Json& json, int status) {
  return {.status = status,
          .content_type = "application/json",
          .body = json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"};
}

Json PageOf(Json items, const std::optional<std::string>& next_cursor) {
  return {{"items", std::move(items)},
          {"next_cursor", next_cursor ? Json(*next_cursor) : Json(nullptr)}};
}

Json TextOrNull(std::string_view text) {
  return text.empty() ? Json(nullptr) : Json(std::string(text));
}

Json DateToJson(std::chrono::sys_days day) { return DateText(day); }

}  // namespace tlsrpt::api
