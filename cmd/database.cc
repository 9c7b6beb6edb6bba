#include "cmd/database.h"

#include "base/clock.h"
#include "store/schema/migrate.h"
#include "store/schema/partitions.h"

namespace tlsrpt::cmd {
namespace {

// No statement of ours takes seconds; one that does waits for somebody who hangs.
constexpr std::chrono::milliseconds kStatementTimeout = std::chrono::seconds(30);
// A server that hangs does not keep the limit above; a batch has some ten statements.
constexpr std::chrono::milliseconds kTransactionLimit = std::chrono::minutes(2);
// Making a partition must not make everybody wait behind one long SELECT.
constexpr std::chrono::milliseconds kPartitionLockTimeout = std::chrono::seconds(2);
// `serve` beside another process on its data directory, which may be ending just now.
constexpr std::chrono::milliseconds kServeWaits = std::chrono::seconds(20);
// A subcommand beside one that makes the cluster and its schema just now.
constexpr std::chrono::milliseconds kWaitForHolder = std::chrono::seconds(60);
// A call whose server others use meanwhile; one that hangs must not keep it for ever.
constexpr std::chrono::milliseconds kWaitForGuests = std::chrono::seconds(60);

store::StoreOptions StoreOptionsOf(const Settings& settings) {
  store::StoreOptions options;
  options.dsn = settings.database;
  options.embedded.data_dir = settings.data_dir;
  options.embedded.service_user = settings.run_as;
  options.wait_for_holder = kWaitForHolder;
  return options;
}

}  // namespace

Result<Database> Database::Open(const Settings& settings, Schema schema) {
  store::StoreOptions options = StoreOptionsOf(settings);
  options.embedded.wait_for_guests = kWaitForGuests;
  auto access = store::OpenStore(options);
  if (!access) return std::move(access).error();
  Database database(std::move(*access));
  // A server started for one call has nobody else who would have migrated it.
  if (database.RunsServer() || schema == Schema::kMigrate) {
    auto applied = BringUpToDate(database, settings);
    if (!applied) return std::move(applied).error();
    database.applied_ = *std::move(applied);
    if (auto open = database.LetGuestsIn(); !open) return std::move(open).error();
  } else if (schema == Schema::kMustFit) {
    if (auto fits = database.CheckSchema(); !fits) return std::move(fits).error();
  }
  return database;
}

Result<void> Database::CheckSchema() const {
  auto connection = Connect(kRoleApi);
  if (!connection) {
    // Where `migrate` never ran the role is missing as well; the user of the DSN sees
    // why.
    auto without_role = Connect("");
    if (!without_role) return std::move(connection).error();
    if (auto fits = store::CheckSchema(**without_role); !fits) return fits.error().error;
    return std::move(connection).error();
  }
  if (auto fits = store::CheckSchema(**connection); !fits) return fits.error().error;
  return {};
}

Result<void> Database::LetGuestsIn() {
  return access_.server ? access_.server->LetGuestsIn() : Result<void>();
}

Result<Database> Database::OpenToServe(
    const Settings& settings, std::function<void(const store::ServerEvent&)> on_event) {
  store::StoreOptions options = StoreOptionsOf(settings);
  options.exclusive = true;
  options.wait_for_holder = kServeWaits;
  options.embedded.on_event = std::move(on_event);
  auto access = store::OpenStore(options);
  if (!access) return std::move(access).error();
  return Database(std::move(*access));
}

store::ConnectOptions Database::Options(std::string_view role) const {
  return {.dsn = access_.dsn,
          .role = std::string(role),
          .application_name = "tlsrptd",
          .statement_timeout = kStatementTimeout,
          .lock_timeout = {},
          .watchdog = watchdog_,
          .transaction_limit = kTransactionLimit,
          .on_query = on_query_};
}

Result<std::unique_ptr<store::Connection>> Database::Connect(
    std::string_view role) const {
  auto connection = store::Connection::Open(Options(role));
  if (!connection) return std::move(connection).error().error;
  return std::move(*connection);
}

Result<std::vector<std::string>> BringUpToDate(const Database& database,
                                               const Settings& settings) {
  store::ConnectOptions options = database.Options("");
  options.statement_timeout = {};  // a migration takes as long as its table is big
  options.transaction_limit = {};
  const auto connection = store::Connection::Open(options);
  if (!connection) return connection.error().error;
  auto report = store::Migrate(**connection);
  if (!report) return std::move(report).error().error;
  if (auto made = EnsurePartitions(database, settings); !made) return made.error();
  return std::move(report->applied);
}

store::PartitionMonths KeptMonths(const Settings& settings, TimePoint now) {
  return store::NeededPartitions(now,
                                 std::chrono::months(settings.retention.reports_months),
                                 std::chrono::months(settings.retention.raw_months));
}

Result<std::unique_ptr<store::Connection>> ConnectAsOwner(const Database& database) {
  store::ConnectOptions options = database.Options(kRoleOwner);
  options.lock_timeout = kPartitionLockTimeout;
  auto connection = store::Connection::Open(options);
  if (!connection) return std::move(connection).error().error;
  return std::move(*connection);
}

Result<int> EnsurePartitions(const Database& database, const Settings& settings) {
  const auto connection = ConnectAsOwner(database);
  if (!connection) return connection.error();
  const auto made =
      store::EnsureKeptMonths(**connection, KeptMonths(settings, SystemClock().Now()));
  if (!made) return made.error().error;
  return *made;
}

}  // namespace tlsrpt::cmd
