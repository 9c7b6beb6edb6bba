// tlsrptd status [--json]: the fields of /v1/status. Exit 0 whenever it could answer;
// "database": "away" is an answer.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "cmd/command.h"
#include "cmd/database.h"
#include "cmd/paths.h"
#include "cmd/version.h"
#include "ingest/spool/spool_stats.h"
#include "store/queries/status.h"
#include "store/schema/migrate.h"

namespace tlsrpt::cmd {
namespace {

using nlohmann::ordered_json;

struct DatabaseAnswer {
  store::StatusTotals totals;
  int schema_version = 0;
};

Result<DatabaseAnswer> AskDatabase(const Settings& settings,
                                   const std::optional<Uuid>& own_spool) {
  auto database = Database::Open(settings, Schema::kAny);
  if (!database) return std::move(database).error();
  auto connection = database->Connect(kRoleApi);
  if (!connection) return std::move(connection).error();
  const auto schema = store::ReadSchema(**connection);
  if (!schema) return schema.error().error;
  const auto totals = store::ReadStatus(**connection, own_spool);
  if (!totals) return totals.error().error;
  return DatabaseAnswer{*totals, schema->version};
}

struct StatusAnswer {
  std::optional<DatabaseAnswer> database;  // nothing: away
  std::int64_t spool_depth = 0;
  std::int64_t spool_waiting = 0;
  std::optional<TimePoint> spool_oldest_at;

  void AddSpool(std::int64_t depth, std::int64_t waiting,
                const std::optional<TimePoint>& oldest_at) {
    spool_depth += depth;
    spool_waiting += waiting;
    if (oldest_at && (!spool_oldest_at || *oldest_at < *spool_oldest_at)) {
      spool_oldest_at = oldest_at;
    }
  }
};

// The spool here as it is now, and those of other nodes as they last said.
Result<StatusAnswer> Ask(const Settings& settings) {
  StatusAnswer answer;
  const auto spool = ingest::ReadSpoolStats(SpoolPath(settings));
  if (!spool) return spool.error();
  std::optional<Uuid> own_spool;
  if (*spool) {
    answer.AddSpool((*spool)->depth, (*spool)->waiting, (*spool)->oldest_at);
    own_spool = (*spool)->spool_id;
  }

  const auto database = AskDatabase(settings, own_spool);
  if (!database) {
    std::fprintf(stderr, "tlsrptd: database: %s\n", database.error().message.c_str());
    return answer;
  }
  answer.database = *database;
  answer.AddSpool(database->totals.other_spool_depth,
                  database->totals.other_spool_waiting,
                  database->totals.other_spool_oldest_at);
  return answer;
}

ordered_json ToJson(const StatusAnswer& answer) {
  ordered_json json{{"version", kVersion},
                    {"schema_version", nullptr},
                    {"database", "away"},
                    {"reports_stored", nullptr},
                    {"reports_duplicate", nullptr},
                    {"reports_quarantined", nullptr},
                    {"spool_depth", answer.spool_depth},
                    {"spool_waiting", answer.spool_waiting},
                    {"spool_age_seconds", 0}};
  if (answer.database) {
    json["schema_version"] = answer.database->schema_version;
    json["database"] = "ok";
    json["reports_stored"] = answer.database->totals.reports_stored;
    json["reports_duplicate"] = answer.database->totals.reports_duplicate;
    json["reports_quarantined"] = answer.database->totals.reports_quarantined;
  }
  if (answer.spool_oldest_at) {
    const auto age = std::chrono::floor<std::chrono::seconds>(SystemClock().Now() -
                                                              *answer.spool_oldest_at);
    // Never below nothing, though the clock was set back meanwhile.
    json["spool_age_seconds"] = std::max(age, std::chrono::seconds(0)).count();
  }
  return json;
}

}  // namespace

void AddStatus(CLI::App& app, Chosen& chosen) {
  CLI::App* command =
      app.add_subcommand("status", "What was stored, what waits, how the database is");
  auto flags = std::make_shared<FlagValues>();
  flags->AddTo(*command, StoreKeys({"node"}));
  auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "As JSON, the fields of /v1/status");
  command->callback([&chosen, flags, json] {
    chosen = [flags, json] {
      return RunWith(*flags, [&](const Settings& settings) -> Result<int> {
        const auto answer = Ask(settings);
        if (!answer) return answer.error();
        const ordered_json status = ToJson(*answer);
        if (*json) {
          std::printf("%s\n", status.dump(2).c_str());
        } else {
          for (const auto& [name, value] : status.items()) {
            std::printf("%-20s %s\n", name.c_str(),
                        value.is_string() ? value.get<std::string>().c_str()
                        : value.is_null() ? "-"
                                          : value.dump().c_str());
          }
        }
        return kExitOk;
      });
    };
  });
}

}  // namespace tlsrpt::cmd
