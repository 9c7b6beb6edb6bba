// One request on its way to a handler, and what a handler may use.
//
// Lifetime  for the one request; nothing in it may be kept.
// Threads   one at a time.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/readiness/settings.h"
#include "api/rest/answer.h"
#include "api/rest/caller.h"
#include "api/rest/refusal.h"
#include "base/clock.h"
#include "base/net/http_message.h"
#include "store/pg/connection.h"

namespace tlsrpt::api {

// What waits in the spool of this process.
struct SpoolView {
  Uuid spool_id;
  std::int64_t depth = 0;    // accepted, not committed
  std::int64_t waiting = 0;  // of these, for DNS
  std::optional<TimePoint> oldest_at;
};

// What the handlers know of the process around them; set once at the start.
struct Surroundings {
  const Clock* clock = nullptr;
  std::string version;
  // The spool of this process; none for `tlsrptd api`, whose answers then rest on what
  // the nodes last said.
  std::function<SpoolView()> spool;
  ReadinessSettings readiness;
  // The text of /metrics; the connection is null while the database is away.
  std::function<std::string(store::Connection*)> metrics;
  // Whether this process can do its work without the database: `ingest` can.
  bool ready_without_database = false;
  // A connection that may change domains (role tlsrptd_admin), for one request.
  std::function<store::PgResult<std::unique_ptr<store::Connection>>()> connect_as_admin;
};

struct Call {
  const net::HttpRequest& request;
  std::vector<std::string> path;  // what stands for each {} of the route's pattern
  std::map<std::string, std::string> parameters;
  Caller caller;
  const Surroundings& around;
  // As role tlsrptd_api. Null only for routes that work without the database.
  store::Connection* database = nullptr;
};

}  // namespace tlsrpt::api
