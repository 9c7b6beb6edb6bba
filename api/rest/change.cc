#include "api/rest/change.h"

#include <utility>

#include "api/rest/host.h"
#include "base/text.h"

namespace tlsrpt::api {

Rest<Json> BodyOf(const net::HttpRequest& request, std::string_view expected) {
  const std::string_view type = request.Header("Content-Type");
  if (!EqualsIgnoreCase(Trim(type.substr(0, type.find(';'))), "application/json")) {
    return Refusal(415, "the body must be application/json: " + std::string(expected));
  }
  if (request.body.size() > kMaxChangeBytes) return Refusal(413, "the body is too long");
  Json json = Json::parse(request.body, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) {
    return Refusal(400, "the body must be " + std::string(expected));
  }
  return json;
}

Rest<std::unique_ptr<store::Connection>> ConnectToChange(const Call& call) {
  const auto& request = call.request;
  if (!IsSameOrigin(request.Header("Origin"), request.Header("Host"))) {
    return Refusal(403, "changes are not taken from a page of another site");
  }
  auto connection = call.around.connect_as_admin();
  if (!connection) return Refusal(std::move(connection).error());
  return *std::move(connection);
}

std::string WhoOf(const Caller& caller) {
  const std::string token = "token " + caller.token_id;
  return caller.token_name.empty() ? token : caller.token_name + " (" + token + ")";
}

}  // namespace tlsrpt::api
