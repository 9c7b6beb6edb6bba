// The API as an HTTP handler: from a request to its route, past the door, to an answer.
//
// Order of the checks: Host, target, route, token, then the resource. All but the first
// three happen on a worker, since the tokens are in the database.
//
// Errors   every one becomes a problem document; what PostgreSQL said goes to the log.
// Threads  Handle() from any thread, and never blocks; replies come from a worker.
// Lifetime what Surroundings points to outlives it. Stop() before those.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "api/rest/answer.h"
#include "api/rest/call.h"
#include "api/rest/workers.h"
#include "base/net/http_server.h"
#include "base/ops/log.h"
#include "base/ops/metrics.h"

namespace tlsrpt::api {

struct ServiceOptions {
  WorkersOptions workers;
  // Reached from this machine alone: then reads are open while no token exists, and Host
  // must be this machine's or one of `host_names` (in lower case).
  bool on_loopback = true;
  std::set<std::string> host_names;
  // /livez, /readyz and /metrics alone, open to all: for health checks and a scraper.
  bool health_only = false;
};

struct ServiceParts {
  Surroundings around;
  Logger* log = nullptr;
  Metrics* metrics = nullptr;  // null: nobody counts requests
  // What is no route of the API: the page and its files, by path, for GET and HEAD.
  // Empty, or nothing for a path it does not know: 404. Called on the server's thread.
  std::function<std::optional<Answer>(std::string_view path)> page;
};

class Service {
 public:
  Service(ServiceOptions options, ServiceParts parts);
  ~Service();

  void Handle(net::HttpRequest request, net::HttpReply reply);
  void Stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tlsrpt::api
