#include "store/schema/migrate.h"

#include <charconv>
#include <cstddef>
#include <stdexcept>
#include <utility>

#include "base/crash_point.h"
#include "sql/embedded_sql.h"

namespace tlsrpt::store {
namespace {

constexpr std::string_view kFolder = "migrations/";
constexpr std::string_view kOldestProgram = "-- Oldest program: ";
// Two programs that touch the same row of a catalogue at once: one of them is told so and
// finds everything done when it looks again.
constexpr int kBootstrapAttempts = 5;

// The number at the front of `text`, or 0.
int LeadingNumber(std::string_view text) {
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::string_view FileText(std::string_view name) {
  for (const sql::SqlFile& file : sql::Files()) {
    if (file.name == name) return file.text;
  }
  throw std::logic_error("there is no sql/" + std::string(name));
}

PgError Unfit(const std::string& message) {
  return PgError{Error{ErrorKind::kUnavailable, message}, {}, PgFailure::kOther};
}

PgError TooNew(const SchemaState& state) {
  return Unfit("the database has schema version " + std::to_string(state.version) +
               " and asks for a program that knows version " +
               std::to_string(state.oldest_program) + "; this program knows version " +
               std::to_string(state.known) + ": use a newer tlsrptd");
}

SchemaState StateOf(Transaction& tx, int known) {
  SchemaState state;
  state.known = known;
  if (tx.Exec("SELECT to_regclass('tlsrptd.schema_version')")[0].IsNull(0)) return state;
  // The greatest: what an older migration asks for is asked for still.
  const auto rows = tx.Exec(
      "SELECT coalesce(max(version), 0), coalesce(max(oldest_program), 0) "
      "FROM tlsrptd.schema_version");
  state.version = rows[0].Int32(0);
  state.oldest_program = rows[0].Int32(1);
  return state;
}

void ApplyViewsAndGrants(Transaction& tx) {
  for (const sql::SqlFile& file : sql::Files()) {
    if (file.name.starts_with("views/")) tx.Exec(std::string(file.text));
  }
  tx.Exec(std::string(FileText("grants.sql")));
}

// One step of Migrate: applies the next migration, or views and grants after the last.
// True when there is nothing left.
Result<bool> Step(Transaction& tx, const std::vector<Migration>& migrations,
                  MigrateReport& report, PgError& refusal) {
  tx.Exec("SET LOCAL ROLE tlsrptd_owner");
  tx.Exec("LOCK TABLE tlsrptd.schema_version IN SHARE ROW EXCLUSIVE MODE");
  const SchemaState state = StateOf(tx, migrations.back().version);
  report.to = state.version;
  if (report.applied.empty()) report.from = state.version;
  if (state.oldest_program > state.known) {
    refusal = TooNew(state);
    return refusal.error;
  }
  if (state.version > state.known) return true;
  if (state.version == state.known) {
    ApplyViewsAndGrants(tx);
    return true;
  }
  const Migration& next = migrations[static_cast<std::size_t>(state.version)];
  tx.Exec(std::string(next.text));
  tx.ExecParams("INSERT INTO tlsrptd.schema_version VALUES ($1, $2, $3, now())",
                {next.version, next.oldest_program, next.name});
  report.applied.emplace_back(next.name);
  report.to = next.version;
  return false;
}

}  // namespace

Result<Migration> ParseMigration(std::string_view file_name, std::string_view text) {
  Migration migration;
  migration.name = file_name;
  migration.text = text;
  migration.version = LeadingNumber(file_name);
  const std::size_t at = text.find(kOldestProgram);
  if (at != std::string_view::npos) {
    migration.oldest_program = LeadingNumber(text.substr(at + kOldestProgram.size()));
  }
  if (migration.version < 1 || migration.oldest_program < 1 ||
      migration.oldest_program > migration.version) {
    return Error{ErrorKind::kInternal,
                 "migration " + std::string(file_name) +
                     ": the name begins with its number, and a line \"" +
                     std::string(kOldestProgram) + "N\" says a number up to it"};
  }
  return migration;
}

Result<std::vector<Migration>> KnownMigrations() {
  std::vector<Migration> migrations;
  for (const sql::SqlFile& file : sql::Files()) {
    if (!file.name.starts_with(kFolder)) continue;
    auto migration = ParseMigration(file.name.substr(kFolder.size()), file.text);
    if (!migration) return migration.error();
    if (migration->version != static_cast<int>(migrations.size()) + 1) {
      return Error{ErrorKind::kInternal, "migration " + std::string(migration->name) +
                                             " is not number " +
                                             std::to_string(migrations.size() + 1)};
    }
    migrations.push_back(*migration);
  }
  if (migrations.empty()) return Error{ErrorKind::kInternal, "no migrations"};
  return migrations;
}

PgResult<SchemaState> ReadSchema(Connection& connection) {
  auto migrations = KnownMigrations();
  if (!migrations) return PgError{migrations.error(), {}, PgFailure::kOther};
  return connection.Transact(
      [&](Transaction& tx) { return StateOf(tx, migrations->back().version); });
}

PgResult<SchemaState> CheckSchema(Connection& connection) {
  auto state = ReadSchema(connection);
  if (!state) return state;
  if (state->version == 0) {
    return Unfit("the database has no tables of tlsrptd: run `tlsrptd migrate`");
  }
  if (state->oldest_program > state->known) return TooNew(*state);
  if (state->version < state->known) {
    return Unfit("the database has schema version " + std::to_string(state->version) +
                 ", this program needs version " + std::to_string(state->known) +
                 ": run `tlsrptd migrate`");
  }
  return state;
}

PgResult<MigrateReport> Migrate(Connection& administrator) {
  const CrashScope scope("migrate");
  auto migrations = KnownMigrations();
  if (!migrations) return PgError{migrations.error(), {}, PgFailure::kOther};

  for (int attempt = 1;; ++attempt) {
    auto done = administrator.Transact(
        [&](Transaction& tx) { tx.Exec(std::string(FileText("bootstrap.sql"))); });
    if (done) break;
    const PgError& error = done.error();
    const bool raced = error.sqlstate == "XX000" || error.sqlstate.starts_with("40");
    if (!raced || attempt == kBootstrapAttempts || administrator.IsBroken()) return error;
  }

  MigrateReport report;
  while (true) {
    MigrateReport after = report;  // what a failed step did is undone here too
    PgError refusal;
    auto step = administrator.Transact([&](Transaction& tx) -> Result<bool> {
      return Step(tx, *migrations, after, refusal);
    });
    if (!step) {
      if (!refusal.error.message.empty()) return refusal;
      PgError error = std::move(step).error();
      error.error.message = "migrating from schema version " + std::to_string(report.to) +
                            ": " + error.error.message;
      return error;
    }
    report = std::move(after);
    if (*step) return report;
  }
}

}  // namespace tlsrpt::store
