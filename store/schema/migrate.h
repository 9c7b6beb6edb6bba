// Brings a database to the schema this program knows, and says whether it is there.
//
// Migrations are sql/migrations/NNNN_name.sql, forward only, one transaction each. The
// table schema_version holds the number of each one applied and `oldest_program`: a
// program that knows migrations up to that number may still use the database. So a
// release that only adds can run beside the one before it.
//
// Errors   kUnavailable / kRetry: away; try again. A database that does not fit is
//          kUnavailable / kOther, with a sentence that names both versions and the
//          remedy. kInternal: a migration that PostgreSQL refuses, a missing privilege;
//          PostgreSQL's HINT is in the message.
// Threads  as Connection. Any number of processes may call Migrate at once: LOCK TABLE
//          on schema_version lets one at a time through.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/pg/connection.h"

namespace tlsrpt::store {

struct Migration {
  int version = 0;
  int oldest_program = 0;
  std::string_view name;  // "0001_reports.sql"
  std::string_view text;
};

// Reads number and "-- Oldest program: N" of a migration. kInternal when either is
// missing or they do not fit.
Result<Migration> ParseMigration(std::string_view file_name, std::string_view text);

// The migrations in this program, by version, from 1 without a gap; kInternal otherwise.
Result<std::vector<Migration>> KnownMigrations();

struct SchemaState {
  int version = 0;  // 0: no table of ours
  int oldest_program = 0;
  int known = 0;  // the newest migration in this program
};

// What the database is and what this program knows.
PgResult<SchemaState> ReadSchema(Connection& connection);

// Nothing when this program may work on the database as it is.
PgResult<SchemaState> CheckSchema(Connection& connection);

struct MigrateReport {
  int from = 0;
  int to = 0;
  std::vector<std::string> applied;  // names, in order
};

// Makes roles, schema and tables, or what is missing of them; then views and grants.
//
// `administrator` is a connection without a role, of a user who may create roles, or of
// a member of the roles where they exist. A database that is newer, and lets this
// program use it, is left as it is.
PgResult<MigrateReport> Migrate(Connection& administrator);

}  // namespace tlsrpt::store
