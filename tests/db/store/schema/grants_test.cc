#include <gtest/gtest.h>

#include <set>

#include "tests/support/migrated_database.h"

namespace tlsrpt::store {
namespace {

class GrantsTest : public ::testing::Test {
 protected:
  // Whether `role` may run `sql`; anything but "permission denied" is a failed test.
  bool May(const std::string& role, const std::string& sql) {
    const auto error = test::Failure(*test::OpenOrDie(database_.dsn(), role), sql);
    if (!error) return true;
    EXPECT_EQ(error->sqlstate, "42501") << sql << ": " << error->error.message;
    return false;
  }

  test::TestDatabase database_ = test::MakeMigratedDatabase();
  std::unique_ptr<Connection> admin_ = test::OpenOrDie(database_.dsn());
};

struct GrantRow {
  const char* why;
  const char* role;
  const char* sql;
  bool may;
};

const GrantRow kGrants[] = {
    {"intake stores", "tlsrptd_ingest", "INSERT INTO report SELECT * FROM report", true},
    {"intake adds up", "tlsrptd_ingest", "UPDATE domain_day SET vouched_reports = 1",
     true},
    {"a receipt's outcome changes", "tlsrptd_ingest", "UPDATE receipt SET outcome = 1",
     true},
    {"reprocess deletes", "tlsrptd_ingest", "DELETE FROM report_failure", true},
    {"reprocess takes away a sum of nothing", "tlsrptd_ingest", "DELETE FROM domain_day",
     true},
    {"reprocess keeps writers out", "tlsrptd_ingest",
     "LOCK TABLE ONLY report IN SHARE ROW EXCLUSIVE MODE", true},
    {"who let go of what is never forgotten", "tlsrptd_ingest",
     "DELETE FROM quarantine_drop", false},
    {"reprocess locks the receipt", "tlsrptd_ingest", "SELECT FROM receipt FOR UPDATE",
     true},
    {"intake takes work", "tlsrptd_ingest", "DELETE FROM work", true},
    {"testimony is never updated", "tlsrptd_ingest", "UPDATE report SET contact = ''",
     false},
    {"nor its results", "tlsrptd_ingest", "UPDATE policy_result SET success_sessions = 0",
     false},
    {"nor the raw bytes", "tlsrptd_ingest", "UPDATE receipt_raw SET body = ''", false},
    {"raw bytes go with their partition", "tlsrptd_ingest", "DELETE FROM receipt_raw",
     false},
    {"a receipt is never deleted", "tlsrptd_ingest", "DELETE FROM receipt", false},
    {"intake cannot drop", "tlsrptd_ingest", "DROP TABLE report", false},
    {"intake cannot truncate", "tlsrptd_ingest", "TRUNCATE domain", false},
    {"intake cannot create", "tlsrptd_ingest", "CREATE TABLE tlsrptd.x (a int)", false},
    {"intake does not say the version", "tlsrptd_ingest", "DELETE FROM schema_version",
     false},
    {"the API reads", "tlsrptd_api", "SELECT FROM report, receipt_raw, domain_day", true},
    {"the API takes work", "tlsrptd_api", "UPDATE work SET attempts = 1", true},
    {"it writes how a domain stands", "tlsrptd_api",
     "UPDATE domain_status SET sentence = ''", true},
    {"and logs how that changed", "tlsrptd_api",
     "INSERT INTO state_change SELECT * FROM state_change", true},
    {"for good", "tlsrptd_api", "DELETE FROM state_change", false},
    {"and never otherwise", "tlsrptd_api", "UPDATE state_change SET new_verdict = ''",
     false},
    {"intake says of no domain that it is ready", "tlsrptd_ingest",
     "UPDATE domain_status SET verdict = 'ready'", false},
    {"the API cannot store", "tlsrptd_api", "INSERT INTO report SELECT * FROM report",
     false},
    {"nor a receipt", "tlsrptd_api", "INSERT INTO receipt SELECT * FROM receipt", false},
    {"nor a domain", "tlsrptd_api", "INSERT INTO domain SELECT * FROM domain", false},
    {"nor delete", "tlsrptd_api", "DELETE FROM report", false},
    {"nor update", "tlsrptd_api", "UPDATE domain_day SET vouched_reports = 1", false},
    {"nor count", "tlsrptd_api", "UPDATE node_counter SET value = 0", false},
    {"nor make itself a token", "tlsrptd_api", "INSERT INTO token SELECT * FROM token",
     false},
    {"an administrator adds domains", "tlsrptd_admin",
     "INSERT INTO domain SELECT * FROM domain", true},
    {"and revokes tokens", "tlsrptd_admin", "DELETE FROM token", true},
    {"a token's scope never grows", "tlsrptd_admin", "UPDATE token SET scope = 2", false},
    {"an administrator accepts failures", "tlsrptd_admin",
     "INSERT INTO waiver SELECT * FROM waiver", true},
    {"and withdraws that", "tlsrptd_admin",
     "UPDATE waiver SET withdrawn_at = now(), withdrawn_by = 'a'", true},
    {"what was accepted is never changed", "tlsrptd_admin",
     "UPDATE waiver SET reason = ''", false},
    {"nor forgotten", "tlsrptd_admin", "DELETE FROM waiver", false},
    {"a setting is never forgotten either", "tlsrptd_admin", "DELETE FROM domain_setting",
     false},
    {"nor changed in place", "tlsrptd_admin", "UPDATE domain_setting SET value = ''",
     false},
    {"an administrator does not look", "tlsrptd_admin",
     "INSERT INTO observation SELECT * FROM observation", false},
    {"intake stores looks", "tlsrptd_ingest",
     "INSERT INTO observation SELECT * FROM observation", true},
    {"and never changes one", "tlsrptd_ingest", "UPDATE observation SET complete = true",
     false},
    {"nor forgets one", "tlsrptd_ingest", "DELETE FROM observation", false},
    {"intake accepts nothing", "tlsrptd_ingest",
     "INSERT INTO waiver SELECT * FROM waiver", false},
    {"nor does the API by itself", "tlsrptd_api",
     "INSERT INTO waiver SELECT * FROM waiver", false},
    {"an administrator sees no report", "tlsrptd_admin", "SELECT FROM report", false},
    {"nor changes one", "tlsrptd_admin", "DELETE FROM report", false},
    {"intake sees no token", "tlsrptd_ingest", "SELECT FROM token", false},
    {"Grafana reads no table", "tlsrptd_grafana", "SELECT FROM report", false},
    {"nor a view that is not for it", "tlsrptd_grafana", "SELECT FROM failure_detail",
     false},
    {"the owner makes tables", "tlsrptd_owner", "CREATE TABLE tlsrptd.x (a int)", true},
};

TEST_F(GrantsTest, RolesRepeatTheRooms) {
  for (const GrantRow& row : kGrants) {
    SCOPED_TRACE(std::string(row.role) + ": " + row.why);
    EXPECT_EQ(May(row.role, row.sql), row.may) << row.sql;
  }
}

TEST_F(GrantsTest, GrafanaSeesViewsAndNoTableAtAll) {
  EXPECT_EQ(test::Cell(*admin_,
                       "SELECT string_agg(relname, ' ') FROM pg_class "
                       "WHERE relnamespace = 'tlsrptd'::regnamespace "
                       "AND relkind IN ('r', 'p') "
                       "AND has_table_privilege('tlsrptd_grafana', oid, 'SELECT, INSERT, "
                       "UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')"),
            "NULL");
  auto owner = test::OpenOrDie(database_.dsn(), "tlsrptd_owner");
  ASSERT_FALSE(test::Failure(
      *owner, "CREATE VIEW grafana_new AS SELECT policy_domain FROM domain_day"));
  ASSERT_TRUE(Migrate(*admin_));
  EXPECT_TRUE(May("tlsrptd_grafana", "SELECT FROM grafana_new"));
  EXPECT_FALSE(May("tlsrptd_grafana", "SELECT FROM domain_day"));
  EXPECT_FALSE(May("tlsrptd_grafana", "DELETE FROM grafana_new"));
}

// The list is complete: a table added without grants, or with one too many, is noticed.
TEST_F(GrantsTest, MigrateTakesAwayWhatIsNotListed) {
  auto owner = test::OpenOrDie(database_.dsn(), "tlsrptd_owner");
  ASSERT_FALSE(test::Failure(*owner,
                             "GRANT DELETE ON receipt TO tlsrptd_api; "
                             "GRANT SELECT ON report TO PUBLIC"));
  EXPECT_TRUE(May("tlsrptd_api", "DELETE FROM receipt"));
  EXPECT_TRUE(May("tlsrptd_grafana", "SELECT FROM report"));
  ASSERT_TRUE(Migrate(*admin_));
  EXPECT_FALSE(May("tlsrptd_api", "DELETE FROM receipt"));
  EXPECT_FALSE(May("tlsrptd_grafana", "SELECT FROM report"));
}

TEST_F(GrantsTest, EveryTableIsReadableByTheApi) {
  EXPECT_EQ(test::Cell(*admin_,
                       "SELECT string_agg(relname, ' ') FROM pg_class "
                       "WHERE relnamespace = 'tlsrptd'::regnamespace "
                       "AND relkind IN ('r', 'p') AND NOT relispartition "
                       "AND NOT has_table_privilege('tlsrptd_api', oid, 'SELECT')"),
            "NULL");
}

TEST_F(GrantsTest, PartitionsNeedNoGrant) {
  auto owner = test::OpenOrDie(database_.dsn(), "tlsrptd_owner");
  const auto january = std::chrono::year(2027) / std::chrono::January;
  ASSERT_TRUE(EnsurePartitions(*owner, MonthRange{january, january}));
  auto ingest = test::OpenOrDie(database_.dsn(), "tlsrptd_ingest");
  const auto failed =
      test::Failure(*ingest,
                    "INSERT INTO receipt_raw (receipt_id, received_on, body) VALUES "
                    "('00000000-0000-0000-0000-000000000001', '2027-01-31', 'x')");
  EXPECT_FALSE(failed) << failed->error.message;
  EXPECT_EQ(test::Cell(*ingest, "SELECT count(*) FROM receipt_raw"), "1");
  EXPECT_EQ(test::Cell(*admin_, "SELECT count(*) FROM receipt_raw_p202701"), "1");
  EXPECT_FALSE(May("tlsrptd_ingest", "SELECT FROM receipt_raw_p202701"));
}

}  // namespace
}  // namespace tlsrpt::store
