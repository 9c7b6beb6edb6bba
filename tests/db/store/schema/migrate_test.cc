#include "store/schema/migrate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <span>
#include <thread>

#include "sql/embedded_sql.h"
#include "tests/support/test_server.h"

namespace tlsrpt::store {
namespace {

using ::testing::HasSubstr;

class MigrateTest : public ::testing::Test {
 protected:
  test::TestDatabase database_ = test::MakeEmptyDatabase();
  std::unique_ptr<Connection> admin_ = test::OpenOrDie(database_.dsn());
};

// Tables, columns with type, constraints and indexes, one a line.
std::string Describe(Connection& connection) {
  return test::Cell(connection, R"(
      SELECT string_agg(line, E'\n' ORDER BY line) FROM (
        SELECT format('%s.%s %s %s', c.relname, a.attname,
                      format_type(a.atttypid, a.atttypmod), a.attnotnull) AS line
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relnamespace = 'tlsrptd'::regnamespace AND a.attnum > 0
        UNION ALL
        SELECT format('%s %s', conname, pg_get_constraintdef(oid)) FROM pg_constraint
        WHERE connamespace = 'tlsrptd'::regnamespace
        UNION ALL
        SELECT indexdef FROM pg_indexes WHERE schemaname = 'tlsrptd'
        UNION ALL
        SELECT format('%s %s', relname, relacl) FROM pg_class
        WHERE relnamespace = 'tlsrptd'::regnamespace) AS everything)");
}

TEST_F(MigrateTest, FromEmptyMakesTheTables) {
  const auto report = Migrate(*admin_);
  ASSERT_TRUE(report) << report.error().error.message;
  EXPECT_EQ(report->from, 0);
  EXPECT_EQ(report->to, static_cast<int>(KnownMigrations()->size()));
  EXPECT_EQ(report->applied.front(), "0001_reports.sql");
  EXPECT_EQ(
      test::Cell(*admin_,
                 "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class "
                 "WHERE relnamespace = 'tlsrptd'::regnamespace "
                 "AND relkind IN ('r', 'p')"),
      "domain domain_day domain_day_failure domain_setting domain_status "
      "imported_body mute mx_host node node_counter observation policy_result "
      "policy_text quarantine_drop receipt receipt_raw report report_failure reporter "
      "schema_version state_change token waiver work");
  EXPECT_EQ(test::Cell(*admin_,
                       "SELECT string_agg(DISTINCT pg_get_userbyid(relowner), ',') "
                       "FROM pg_class WHERE relnamespace = 'tlsrptd'::regnamespace"),
            "tlsrptd_owner");
  const auto state = CheckSchema(*admin_);
  ASSERT_TRUE(state) << state.error().error.message;
  EXPECT_EQ(state->version, report->to);
  EXPECT_EQ(state->known, report->to);
}

TEST_F(MigrateTest, ASecondRunChangesNothing) {
  ASSERT_TRUE(Migrate(*admin_));
  const std::string before = Describe(*admin_);
  const std::string applied =
      test::Cell(*admin_, "SELECT string_agg(applied_at::text, ',') FROM schema_version");
  const auto again = Migrate(*admin_);
  ASSERT_TRUE(again) << again.error().error.message;
  EXPECT_TRUE(again->applied.empty());
  EXPECT_EQ(again->from, again->to);
  EXPECT_EQ(Describe(*admin_), before);
  EXPECT_EQ(
      test::Cell(*admin_, "SELECT string_agg(applied_at::text, ',') FROM schema_version"),
      applied);
}

TEST_F(MigrateTest, ManyAtOnceApplyEachMigrationOnce) {
  constexpr int kThreads = 6;
  std::vector<std::string> failures(kThreads);
  std::vector<std::size_t> applied(kThreads);
  std::vector<std::unique_ptr<Connection>> connections;
  for (int i = 0; i < kThreads; ++i) {
    connections.push_back(test::OpenOrDie(database_.dsn()));
  }
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      const auto report = Migrate(*connections[i]);
      if (report) {
        applied[i] = report->applied.size();
      } else {
        failures[i] = report.error().error.message;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::size_t total = 0;
  for (std::size_t i = 0; i < kThreads; ++i) {
    EXPECT_EQ(failures[i], "");
    total += applied[i];
  }
  EXPECT_EQ(total, KnownMigrations()->size());
  EXPECT_TRUE(CheckSchema(*admin_));
}

// Roles belong to the whole server: two databases that are migrated at once meet there.
TEST_F(MigrateTest, TwoNewDatabasesOfAServerAtOnce) {
  const test::TestDatabase other = test::MakeEmptyDatabase();
  auto other_admin = test::OpenOrDie(other.dsn());
  bool other_done = false;
  std::thread thread([&] { other_done = Migrate(*other_admin).has_value(); });
  const auto done = Migrate(*admin_);
  thread.join();
  EXPECT_TRUE(done) << done.error().error.message;
  EXPECT_TRUE(other_done);
}

TEST_F(MigrateTest, EmptyDatabaseIsToldToMigrate) {
  const auto state = CheckSchema(*admin_);
  ASSERT_FALSE(state);
  EXPECT_THAT(state.error().error.message, HasSubstr("tlsrptd migrate"));
  EXPECT_EQ(state.error().error.kind, ErrorKind::kUnavailable);
  EXPECT_EQ(ReadSchema(*admin_)->version, 0);
}

TEST_F(MigrateTest, NewerDatabaseThatForbidsUsIsRefusedByBoth) {
  ASSERT_TRUE(Migrate(*admin_));
  ASSERT_FALSE(test::Failure(
      *admin_, "INSERT INTO schema_version VALUES (9001, 9000, 'x', now())"));
  const std::string before = Describe(*admin_);
  const std::string known = std::to_string(KnownMigrations()->size());
  for (const std::string& message : {CheckSchema(*admin_).error().error.message,
                                     Migrate(*admin_).error().error.message}) {
    EXPECT_THAT(message, HasSubstr("schema version 9001"));
    EXPECT_THAT(message, HasSubstr("knows version 9000"));
    EXPECT_THAT(message, HasSubstr("this program knows version " + known));
    EXPECT_THAT(message, HasSubstr("newer tlsrptd"));
  }
  EXPECT_EQ(Describe(*admin_), before);
}

TEST_F(MigrateTest, NewerDatabaseThatAllowsUsIsUsedAndLeftAlone) {
  ASSERT_TRUE(Migrate(*admin_));
  ASSERT_FALSE(
      test::Failure(*admin_,
                    "INSERT INTO schema_version VALUES (9001, 1, 'x', now()); "
                    // A newer program's grant, which our older list does not know.
                    "GRANT UPDATE ON domain TO tlsrptd_api"));
  const std::string before = Describe(*admin_);
  EXPECT_TRUE(CheckSchema(*admin_));
  const auto report = Migrate(*admin_);
  ASSERT_TRUE(report) << report.error().error.message;
  EXPECT_EQ(report->to, 9001);
  EXPECT_TRUE(report->applied.empty());
  EXPECT_EQ(Describe(*admin_), before);
}

TEST_F(MigrateTest, OlderDatabaseIsToldToMigrate) {
  ASSERT_TRUE(Migrate(*admin_));
  ASSERT_FALSE(test::Failure(*admin_,
                             "UPDATE schema_version SET version = 1 WHERE false; "
                             "DELETE FROM schema_version"));
  const auto state = CheckSchema(*admin_);
  ASSERT_FALSE(state);
  EXPECT_THAT(state.error().error.message, HasSubstr("tlsrptd migrate"));
}

// As a program that knew the first `version` migrations left it.
void MigrateTo(Connection& admin, std::size_t version) {
  for (const sql::SqlFile& file : sql::Files()) {
    if (file.name == "bootstrap.sql") {
      ASSERT_FALSE(test::Failure(admin, std::string(file.text)));
    }
  }
  const auto known = KnownMigrations();
  ASSERT_TRUE(known);
  for (const Migration& migration : std::span(*known).first(version)) {
    const auto applied = admin.Transact([&](Transaction& tx) {
      tx.Exec("SET LOCAL ROLE tlsrptd_owner");
      tx.Exec(std::string(migration.text));
      tx.ExecParams("INSERT INTO tlsrptd.schema_version VALUES ($1, $2, $3, now())",
                    {migration.version, migration.oldest_program, migration.name});
    });
    ASSERT_TRUE(applied) << applied.error().error.message;
  }
}

TEST_F(MigrateTest, FailureDetailsOfVersion12StayWhatTheyWere) {
  MigrateTo(*admin_, 12);
  ASSERT_FALSE(test::Failure(*admin_, R"(
      SET ROLE tlsrptd_owner;
      CREATE TABLE failure_detail_p202610 PARTITION OF failure_detail
          FOR VALUES FROM ('2026-10-01') TO ('2026-11-01');
      CREATE TABLE failure_detail_p202611 PARTITION OF failure_detail
          FOR VALUES FROM ('2026-11-01') TO ('2026-12-01');
      CREATE VIEW grafana_failure AS SELECT policy_domain FROM failure_detail;
      INSERT INTO failure_detail
      SELECT n, md5('report' || n % 3)::uuid, '2026-10-31'::date + n % 2, n / 20, n % 20,
             n % 12, n % 4, n % 3 <> 0, 'firm.example', 'reporter' || n % 2, 'said' || n,
             CASE WHEN n % 4 <> 0 THEN ('192.0.2.' || n)::inet END,
             CASE WHEN n % 5 <> 0 THEN ('2001:db8::' || n)::inet END,
             'mx' || n, 'helo, "' || n, CASE WHEN n % 2 = 0 THEN 'reason ' || n ELSE '' END,
             E'in\nformation' || n
      FROM generate_series(1, 40) AS n;
      RESET ROLE)"));
  // All but detail_ix, which is counted within the report now.
  const std::string rows = R"(
      SELECT count(*) || E'\n' || string_agg(
          concat_ws('|', day, report_key, reporter, vouched, policy_ix, policy_type,
                    result_type, result_type_text, failed_sessions,
                    coalesce(sending_mta_ip::text, '-'),
                    coalesce(receiving_ip::text, '-'), receiving_mx, helo, reason,
                    information, policy_domain),
          E'\n' ORDER BY day, report_key, reporter, vouched, policy_ix, detail_ix)
      FROM tlsrptd.failure_detail)";
  const std::string before = test::Cell(*admin_, rows);
  EXPECT_THAT(before, HasSubstr("40\n"));
  const auto report = Migrate(*admin_);
  ASSERT_TRUE(report) << report.error().error.message;
  EXPECT_EQ(report->from, 12);
  EXPECT_EQ(test::Cell(*admin_, rows), before);
  EXPECT_EQ(test::Cell(*admin_,
                       "SELECT count(*) || ' ' || count(DISTINCT tableoid)"
                       " FROM tlsrptd.report_failure"),
            "6 2");
}

// A migration that fails leaves neither half of it nor a row about it.
TEST_F(MigrateTest, FailedMigrationLeavesNothing) {
  ASSERT_FALSE(test::Failure(*admin_,
                             "CREATE SCHEMA tlsrptd; "
                             "CREATE TABLE tlsrptd.work (a int)"));
  const auto report = Migrate(*admin_);
  ASSERT_FALSE(report);
  EXPECT_EQ(test::Cell(*admin_,
                       "SELECT count(*) FROM pg_class WHERE relkind IN ('r','p') "
                       "AND relnamespace = 'tlsrptd'::regnamespace "
                       "AND relname NOT IN ('work', 'schema_version')"),
            "0");
}

// A user of the DSN who may do little is told what to ask for.
TEST_F(MigrateTest, UserWithoutRightsGetsTheRemedy) {
  auto& server = test::TestServer::Get();
  server.Admin(
      "DO $$ BEGIN CREATE ROLE plain_user LOGIN; "
      "EXCEPTION WHEN duplicate_object THEN NULL; END $$");
  ASSERT_TRUE(Migrate(*admin_));  // the roles exist from here on
  const auto as_plain = [&](const std::string& database) {
    std::string dsn = server.server().DsnOf(database);
    dsn.replace(dsn.find("user=tlsrptd"), 12, "user=plain_user");
    return test::OpenOrDie(dsn);
  };
  const auto refused = Migrate(*as_plain(database_.name()));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().sqlstate, "42501");
  EXPECT_THAT(
      refused.error().error.message,
      HasSubstr("GRANT tlsrptd_owner, tlsrptd_ingest, tlsrptd_api, tlsrptd_admin TO "
                "plain_user"));

  // A member of the roles, in a database whose owner made the schema, may migrate.
  server.Admin(
      "GRANT tlsrptd_owner, tlsrptd_ingest, tlsrptd_api, tlsrptd_admin TO plain_user");
  const test::TestDatabase other = test::MakeEmptyDatabase();
  const auto no_schema = Migrate(*as_plain(other.name()));
  ASSERT_FALSE(no_schema);
  EXPECT_THAT(no_schema.error().error.message,
              HasSubstr("CREATE SCHEMA tlsrptd AUTHORIZATION tlsrptd_owner"));
  ASSERT_FALSE(test::Failure(*test::OpenOrDie(other.dsn()),
                             "CREATE SCHEMA tlsrptd AUTHORIZATION tlsrptd_owner"));
  const auto migrated = Migrate(*as_plain(other.name()));
  EXPECT_TRUE(migrated) << migrated.error().error.message;
  server.Admin("DROP ROLE plain_user");
}

struct NameRow {
  const char* why;
  const char* name;
  const char* text;
  bool good;
};

const NameRow kNames[] = {
    {"as it should be", "0002_x.sql", "-- 0002: x\n-- Oldest program: 1\n", true},
    {"oldest is itself", "0002_x.sql", "-- Oldest program: 2\n", true},
    {"no number in the name", "x.sql", "-- Oldest program: 1\n", false},
    {"no oldest program", "0002_x.sql", "-- x\n", false},
    {"oldest program is no number", "0002_x.sql", "-- Oldest program: one\n", false},
    {"oldest program of the future", "0002_x.sql", "-- Oldest program: 3\n", false},
    {"oldest program 0", "0002_x.sql", "-- Oldest program: 0\n", false},
};

TEST(MigrationFile, NumberAndOldestProgram) {
  for (const NameRow& row : kNames) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(ParseMigration(row.name, row.text).has_value(), row.good);
  }
}

TEST(MigrationFile, OursHaveNumbersWithoutAGap) {
  const auto known = KnownMigrations();
  ASSERT_TRUE(known) << known.error().message;
  for (std::size_t i = 0; i < known->size(); ++i) {
    EXPECT_EQ((*known)[i].version, static_cast<int>(i) + 1);
  }
}

}  // namespace
}  // namespace tlsrpt::store
