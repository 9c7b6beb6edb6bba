// Every route, declared once: what it is called, who may take it, which parameters it
// knows, who answers. openapi.yaml describes the same; a test holds the two against each
// other.
//
// Threads  const data and pure functions.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/rest/call.h"
#include "api/rest/caller.h"
#include "api/rest/refusal.h"
#include "api/rest/target.h"

namespace tlsrpt::api {

// What a route asks of the database.
enum class Needs {
  kNothing,    // answered at once, on the server's thread
  kAnAttempt,  // says something useful without it, too
  kDatabase,   // 503 without it
};

struct Route {
  std::string_view method;      // GET answers HEAD as well
  std::string_view pattern;     // "/v1/domains/{domain}/summary"
  std::string_view name;        // the operationId, and the label of its metrics
  std::string_view parameters;  // names of the query, "from to vouched"
  Access access;
  Rest<Answer> (*handler)(const Call&);
  Needs needs = Needs::kDatabase;
};

std::span<const Route> Routes();

struct Match {
  const Route* route;
  std::vector<std::string> path;  // what stands for each {}
};

// 404 where no pattern fits, 405 with Allow where only the method does not, 400 for a
// parameter that the route does not know.
Rest<Match> FindRoute(std::string_view method, const Target& target);

}  // namespace tlsrpt::api
