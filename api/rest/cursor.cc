#include "api/rest/cursor.h"

#include <nlohmann/json.hpp>

#include "base/base64url.h"

namespace tlsrpt::api {
namespace {

// A report's key is the longest: two domain names and some fixed parts.
constexpr std::size_t kMaxCursorBytes = 2048;

}  // namespace

std::string MakeCursor(std::string_view list, const std::vector<std::string>& key) {
  nlohmann::json parts = nlohmann::json::array({std::string(list)});
  for (const std::string& part : key) parts.push_back(part);
  return ToBase64Url(
      parts.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

Result<std::vector<std::string>> ReadCursor(std::string_view list, std::size_t parts,
                                            std::string_view cursor) {
  const Error refused{ErrorKind::kMalformed,
                      "cursor is none of this list; take next_cursor of the page before, "
                      "or leave it away for the first page"};
  if (cursor.size() > kMaxCursorBytes) return refused;
  const auto text = FromBase64Url(cursor);
  if (!text) return refused;
  const auto json = nlohmann::json::parse(*text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_array() || json.size() != parts + 1) return refused;
  std::vector<std::string> key;
  for (const auto& part : json) {
    if (!part.is_string()) return refused;
    key.push_back(part.get<std::string>());
    if (key.back().find('\0') != std::string::npos) return refused;
  }
  if (key.front() != list) return refused;
  key.erase(key.begin());
  return key;
}

}  // namespace tlsrpt::api
