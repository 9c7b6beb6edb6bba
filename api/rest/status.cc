// GET /v1/status: what was stored, what waits, how the database is. It answers with the
// database away, since that is when somebody asks.

#include <algorithm>
#include <chrono>

#include "api/rest/handlers.h"
#include "store/queries/status.h"

namespace tlsrpt::api {
namespace {

// Of all spools that could be asked.
struct Waiting {
  bool known = false;
  std::int64_t depth = 0;
  std::int64_t waiting = 0;
  TimePoint oldest_at = TimePoint::max();

  void Add(std::int64_t more_depth, std::int64_t more_waiting,
           const std::optional<TimePoint>& oldest) {
    known = true;
    depth += more_depth;
    waiting += more_waiting;
    if (oldest) oldest_at = std::min(oldest_at, *oldest);
  }

  std::int64_t AgeSeconds(TimePoint now) const {
    if (oldest_at >= now) return 0;
    return std::chrono::floor<std::chrono::seconds>(now - oldest_at).count();
  }
};

}  // namespace

Rest<Answer> GetStatus(const Call& call) {
  Json json{{"version", call.around.version},
            {"schema_version", nullptr},
            {"database", "away"},
            {"reports_stored", nullptr},
            {"reports_duplicate", nullptr},
            {"reports_quarantined", nullptr},
            {"spool_depth", nullptr},
            {"spool_waiting", nullptr},
            {"spool_age_seconds", nullptr}};
  // Our own spool as it is now; those of other nodes as they last said.
  Waiting waiting;
  std::optional<Uuid> own_spool;
  if (call.around.spool) {
    const SpoolView own = call.around.spool();
    waiting.Add(own.depth, own.waiting, own.oldest_at);
    own_spool = own.spool_id;
  }
  if (call.database != nullptr) {
    const auto totals = store::ReadStatus(*call.database, own_spool);
    // Away since a moment ago is away; anything else is ours to mend.
    if (!totals && totals.error().error.kind != ErrorKind::kUnavailable) {
      return Refusal(totals.error());
    }
    if (totals) {
      json["schema_version"] = totals->schema_version;
      json["database"] = "ok";
      json["reports_stored"] = totals->reports_stored;
      json["reports_duplicate"] = totals->reports_duplicate;
      json["reports_quarantined"] = totals->reports_quarantined;
      waiting.Add(totals->other_spool_depth, totals->other_spool_waiting,
                  totals->other_spool_oldest_at);
    }
  }
  if (waiting.known) {
    json["spool_depth"] = waiting.depth;
    json["spool_waiting"] = waiting.waiting;
    json["spool_age_seconds"] = waiting.AgeSeconds(call.around.clock->Now());
  }
  return JsonAnswer(json);
}

}  // namespace tlsrpt::api
