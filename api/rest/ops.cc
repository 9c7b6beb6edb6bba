// Health, metrics, and the description of this API.

#include "api/rest/handlers.h"
#include "store/queries/status.h"

namespace tlsrpt::embedded {
extern const std::string_view kEmbedded_openapi_yaml;  // made of openapi.yaml
}

namespace tlsrpt::api {
namespace {

Answer Text(std::string body, int status = 200,
            std::string type = "text/plain; charset=utf-8") {
  return {.status = status,
          .content_type = std::move(type),
          .body = std::move(body),
          .cacheable = false};
}

}  // namespace

// The process runs and answers. Says nothing about anything else: whoever restarts on it
// would gain nothing from a restart while the database is away.
Rest<Answer> GetLive(const Call&) { return Text("ok\n"); }

// Whether to send it work. Intake goes on without the database, since the spool holds;
// an API without it has little to say.
Rest<Answer> GetReady(const Call& call) {
  if (call.around.ready_without_database) return Text("ok\n");
  // An open connection may lead to a server that is gone: ask.
  if (call.database != nullptr && store::ReadSchemaVersion(*call.database)) {
    return Text("ok\n");
  }
  return Text("the database is away\n", 503);
}

Rest<Answer> GetMetrics(const Call& call) {
  if (!call.caller.SeesAll()) {
    return Refusal(403, "metrics are about every domain; this token has some");
  }
  return Text(call.around.metrics ? call.around.metrics(call.database) : std::string(),
              200, "text/plain; version=0.0.4; charset=utf-8");
}

Rest<Answer> GetOpenApi(const Call&) {
  Answer answer = Text(std::string(embedded::kEmbedded_openapi_yaml), 200,
                       "application/yaml; charset=utf-8");
  answer.cacheable = true;
  return answer;
}

}  // namespace tlsrpt::api
