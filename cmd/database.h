// The database of this call: the one a DSN names, the running server's own, or, where
// nothing runs on the data directory, one started for the call.
//
// Errors   kUnavailable, with the folder or the server in the message.
// Threads  one.
// Lifetime connections must be gone before it is: it stops the server it started.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/ops/settings.h"
#include "base/result.h"
#include "store/embedded/open.h"
#include "store/pg/connection.h"
#include "store/pg/watchdog.h"
#include "store/schema/partitions.h"

namespace tlsrpt::cmd {

// The roles of sql/grants.sql; empty is the user of the DSN.
inline constexpr std::string_view kRoleOwner = "tlsrptd_owner";
inline constexpr std::string_view kRoleIngest = "tlsrptd_ingest";
inline constexpr std::string_view kRoleApi = "tlsrptd_api";
inline constexpr std::string_view kRoleAdmin = "tlsrptd_admin";

// What a call does about a database whose schema is not this program's.
enum class Schema {
  kMustFit,  // fails
  kAny,      // works on it all the same
  kMigrate,  // brings it up to date
};

class Database {
 public:
  // A program reads the tables as it knows them: of a newer database, or one that was not
  // migrated yet, it could say anything.
  static Result<Database> Open(const Settings& settings,
                               Schema schema = Schema::kMustFit);
  // For `serve`: the data directory is its alone, and what happens to the server is
  // said to `on_event`.
  static Result<Database> OpenToServe(
      const Settings& settings, std::function<void(const store::ServerEvent&)> on_event);

  // For `serve`, once its database is up to date: subcommands may use it from now on.
  Result<void> LetGuestsIn();

  // Whether the server is this process's; else a DSN names it, or another process runs
  // it.
  bool RunsServer() const { return access_.server != nullptr; }

  // The names of the migrations that Open applied, in order: for kMigrate, and wherever
  // it started the server itself.
  const std::vector<std::string>& applied() const { return applied_; }

  // Who is told of each named query over connections that are opened from now on.
  void OnQuery(decltype(store::ConnectOptions::on_query) on_query) {
    on_query_ = std::move(on_query);
  }

  store::ConnectOptions Options(std::string_view role) const;
  // Calls that still wait for the database after `grace` come back as failed: for a
  // process that has to stop.
  void InterruptAll(std::chrono::milliseconds grace) const {
    watchdog_->InterruptAll(grace);
  }
  Result<std::unique_ptr<store::Connection>> Connect(std::string_view role) const;

 private:
  explicit Database(store::StoreAccess access) : access_(std::move(access)) {}

  Result<void> CheckSchema() const;

  store::StoreAccess access_;
  std::vector<std::string> applied_;
  std::shared_ptr<store::Watchdog> watchdog_ = std::make_shared<store::Watchdog>();
  decltype(store::ConnectOptions::on_query) on_query_;
};

// Brings the schema to this program's version and makes the partitions it needs.
// Returns the names of the migrations applied.
Result<std::vector<std::string>> BringUpToDate(const Database& database,
                                               const Settings& settings);

// The months that the settings keep at `now`.
store::PartitionMonths KeptMonths(const Settings& settings, TimePoint now);

// A connection that makes and drops partitions, without making everybody wait for it.
Result<std::unique_ptr<store::Connection>> ConnectAsOwner(const Database& database);

// Makes what is missing of the partitions from the retention's first month to two months
// ahead; how many that were.
Result<int> EnsurePartitions(const Database& database, const Settings& settings);

}  // namespace tlsrpt::cmd
