#include "store/pg/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/pg/dsn.h"
#include "tests/support/test_server.h"

namespace tlsrpt::store {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ConnectionTest : public ::testing::Test {
 protected:
  test::TestDatabase database_ = test::MakeEmptyDatabase();
  std::unique_ptr<Connection> connection_ = test::OpenOrDie(database_.dsn());
};

TEST_F(ConnectionTest, CommitsWhatTheFunctionDidAndReturnsItsValue) {
  const auto value = connection_->Transact([](Transaction& tx) {
    tx.Exec("CREATE TABLE public.t (a int)");
    tx.Exec("INSERT INTO public.t VALUES (1), (2)");
    return 7;
  });
  ASSERT_TRUE(value);
  EXPECT_EQ(*value, 7);
  EXPECT_EQ(test::Cell(*test::OpenOrDie(database_.dsn()), "SELECT sum(a) FROM public.t"),
            "3");
}

TEST_F(ConnectionTest, ErrorOfTheFunctionRollsBack) {
  ASSERT_FALSE(test::Failure(*connection_, "CREATE TABLE public.t (a int)"));
  const auto refused = connection_->Transact([](Transaction& tx) -> Result<int> {
    tx.Exec("INSERT INTO public.t VALUES (1)");
    return Error{ErrorKind::kNotFound, "no such domain"};
  });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error.kind, ErrorKind::kNotFound);
  EXPECT_EQ(refused.error().what, PgFailure::kOther);
  EXPECT_EQ(test::Cell(*connection_, "SELECT count(*) FROM public.t"), "0");

  const auto void_refused = connection_->Transact([](Transaction& tx) -> Result<void> {
    tx.Exec("INSERT INTO public.t VALUES (1)");
    return Error{ErrorKind::kNotFound, "no"};
  });
  EXPECT_FALSE(void_refused);
  EXPECT_EQ(test::Cell(*connection_, "SELECT count(*) FROM public.t"), "0");

  const auto good = connection_->Transact([](Transaction& tx) -> Result<void> {
    tx.Exec("INSERT INTO public.t VALUES (1)");
    return {};
  });
  EXPECT_TRUE(good);
  EXPECT_EQ(test::Cell(*connection_, "SELECT count(*) FROM public.t"), "1");
}

// A COMMIT after a failed statement is answered with ROLLBACK and no error: whoever
// caught the failure must not be told that all is well.
TEST_F(ConnectionTest, FailureThatWasSwallowedIsNotCommitted) {
  ASSERT_FALSE(test::Failure(*connection_, "CREATE TABLE public.t (a int)"));
  const auto done = connection_->Transact([](Transaction& tx) {
    tx.Exec("INSERT INTO public.t VALUES (1)");
    try {
      tx.Exec("SELECT 1/0");
    } catch (const std::exception&) {
    }
    try {
      tx.Exec("INSERT INTO public.t VALUES (2)");
    } catch (const std::exception&) {
    }
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().sqlstate, "22012");
  EXPECT_EQ(test::Cell(*connection_, "SELECT count(*) FROM public.t"), "0");
}

TEST_F(ConnectionTest, ExceptionOfTheFunctionIsOurBug) {
  const auto done = connection_->Transact(
      [](Transaction&) { throw std::runtime_error("what the function said"); });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().error.kind, ErrorKind::kInternal);
  EXPECT_THAT(done.error().error.message, HasSubstr("what the function said"));
  EXPECT_FALSE(connection_->IsBroken());
}

struct StateRow {
  const char* why;
  const char* sqlstate;
  PgFailure what;
  ErrorKind kind;
  bool broken;
};

const StateRow kStates[] = {
    {"serialization failure", "40001", PgFailure::kRetry, ErrorKind::kUnavailable, false},
    {"deadlock", "40P01", PgFailure::kRetry, ErrorKind::kUnavailable, false},
    {"rolled back", "40000", PgFailure::kRetry, ErrorKind::kUnavailable, false},
    {"connection failure", "08006", PgFailure::kRetry, ErrorKind::kUnavailable, true},
    {"admin shutdown", "57P01", PgFailure::kRetry, ErrorKind::kUnavailable, true},
    {"crash shutdown", "57P02", PgFailure::kRetry, ErrorKind::kUnavailable, true},
    {"cannot connect now", "57P03", PgFailure::kRetry, ErrorKind::kUnavailable, true},
    {"a standby: connect again", "25006", PgFailure::kRetry, ErrorKind::kUnavailable,
     true},
    {"statement time-out", "57014", PgFailure::kRetry, ErrorKind::kUnavailable, false},
    {"lock time-out", "55P03", PgFailure::kRetry, ErrorKind::kUnavailable, false},
    {"disk full", "53100", PgFailure::kRetry, ErrorKind::kUnavailable, false},
    {"I/O error", "58030", PgFailure::kRetry, ErrorKind::kUnavailable, false},
    {"number out of range", "22003", PgFailure::kBadData, ErrorKind::kMalformed, false},
    {"bad encoding", "22021", PgFailure::kBadData, ErrorKind::kMalformed, false},
    {"not null", "23502", PgFailure::kBadData, ErrorKind::kMalformed, false},
    {"unique", "23505", PgFailure::kBadData, ErrorKind::kMalformed, false},
    {"an index row that is too large", "54000", PgFailure::kBadData,
     ErrorKind::kMalformed, false},
    {"no such table", "42P01", PgFailure::kOther, ErrorKind::kInternal, false},
    {"no privilege", "42501", PgFailure::kOther, ErrorKind::kInternal, false},
    {"syntax error", "42601", PgFailure::kOther, ErrorKind::kInternal, false},
    {"no such column", "42703", PgFailure::kOther, ErrorKind::kInternal, false},
    {"no such function", "42883", PgFailure::kOther, ErrorKind::kInternal, false},
    {"no such statement", "26000", PgFailure::kOther, ErrorKind::kInternal, false},
    {"not supported", "0A000", PgFailure::kOther, ErrorKind::kInternal, false},
    {"raised by PL/pgSQL", "P0001", PgFailure::kOther, ErrorKind::kInternal, false},
    {"no data, PL/pgSQL", "P0002", PgFailure::kOther, ErrorKind::kInternal, false},
    {"foreign key", "23503", PgFailure::kBadData, ErrorKind::kMalformed, false},
    {"restrict", "23001", PgFailure::kBadData, ErrorKind::kMalformed, false},
    {"out of memory", "53200", PgFailure::kRetry, ErrorKind::kUnavailable, false},
    {"corrupt", "XX001", PgFailure::kOther, ErrorKind::kInternal, false},
};

TEST_F(ConnectionTest, WhatToDoIsReadFromTheSqlstate) {
  for (const StateRow& row : kStates) {
    SCOPED_TRACE(row.why);
    auto connection = test::OpenOrDie(database_.dsn());
    const auto error = test::Failure(
        *connection, std::string("DO $$ BEGIN RAISE EXCEPTION 'on purpose' USING ERRCODE "
                                 "= '") +
                         row.sqlstate + "'; END $$");
    ASSERT_TRUE(error);
    EXPECT_EQ(error->what, row.what) << NameOf(error->what);
    EXPECT_EQ(error->error.kind, row.kind);
    EXPECT_EQ(error->sqlstate, row.sqlstate);
    EXPECT_EQ(connection->IsBroken(), row.broken);
    EXPECT_THAT(error->error.message, HasSubstr("on purpose"));
  }
}

struct CheckRow {
  const char* why;
  const char* message;
  PgFailure what;
};

const CheckRow kChecks[] = {
    {"English", "ERROR:  no partition of relation \"report\" found for row\nDETAIL:  x",
     PgFailure::kNoPartition},
    {"German", "FEHLER:  keine Partition von Relation »report« für die Zeile gefunden",
     PgFailure::kNoPartition},
    {"a CHECK",
     "ERROR:  new row for relation \"report_p202611\" violates check constraint "
     "\"report_lower_case\"",
     PgFailure::kBadData},
    {"a CHECK in German",
     "FEHLER:  neue Zeile für Relation »report_p202611« verletzt Check-Constraint "
     "»report_lower_case«",
     PgFailure::kBadData},
    {"a stranger's words in the DETAIL decide nothing",
     "ERROR:  new row for relation \"report\" violates check constraint \"report_days\"\n"
     "DETAIL:  Failing row contains (no partition of relation).",
     PgFailure::kBadData},
    {"a constraint's name inside a longer word is not it",
     "FEHLER:  keine Partition von Relation »xreport_days« gefunden",
     PgFailure::kNoPartition},
};

TEST(PgErrorTest, NoPartitionIsToldFromACheckInAnyLanguage) {
  for (const CheckRow& row : kChecks) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(ErrorOfSqlstate("23514", row.message).what, row.what);
  }
}

TEST_F(ConnectionTest, LostConnectionStaysBroken) {
  const auto error =
      test::Failure(*connection_, "SELECT pg_terminate_backend(pg_backend_pid())");
  ASSERT_TRUE(error);
  EXPECT_EQ(error->what, PgFailure::kRetry);
  EXPECT_TRUE(connection_->IsBroken());
  // libpqxx 6 would work again at the third call, on a session without our settings.
  for (int i = 0; i < 4; ++i) {
    const auto again = test::Failure(*connection_, "SELECT 1");
    ASSERT_TRUE(again);
    EXPECT_EQ(again->what, PgFailure::kRetry);
  }
}

TEST_F(ConnectionTest, LossBetweenTransactionsIsNoticedToo) {
  const std::string pid = test::Cell(*connection_, "SELECT pg_backend_pid()");
  auto other = test::OpenOrDie(database_.dsn());
  // The second argument waits until it is gone.
  EXPECT_EQ(test::Cell(*other, "SELECT pg_terminate_backend(" + pid + ", 10000)"), "t");
  for (int i = 0; i < 4; ++i) {
    const auto error = test::Failure(*connection_, "SELECT 1");
    ASSERT_TRUE(error);
    EXPECT_EQ(error->what, PgFailure::kRetry);
    EXPECT_TRUE(connection_->IsBroken());
  }
}

// A deferred trigger runs inside COMMIT: here it kills the session there.
TEST_F(ConnectionTest, LossDuringCommitIsUnknown) {
  ASSERT_FALSE(test::Failure(
      *connection_,
      "CREATE TABLE public.t (a int); "
      "CREATE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql AS "
      "$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$; "
      "CREATE CONSTRAINT TRIGGER t AFTER INSERT ON public.t DEFERRABLE INITIALLY "
      "DEFERRED FOR EACH ROW EXECUTE FUNCTION public.f()"));
  const auto error = test::Failure(*connection_, "INSERT INTO public.t VALUES (1)");
  ASSERT_TRUE(error);
  EXPECT_EQ(error->what, PgFailure::kCommitUnknown) << error->error.message;
  EXPECT_EQ(error->error.kind, ErrorKind::kUnavailable);
  EXPECT_TRUE(connection_->IsBroken());
}

// A COMMIT that PostgreSQL itself refuses is not unknown: it did not happen.
TEST_F(ConnectionTest, RefusedCommitIsKnown) {
  ASSERT_FALSE(test::Failure(*connection_,
                             "CREATE TABLE public.t (a int UNIQUE DEFERRABLE INITIALLY "
                             "DEFERRED)"));
  const auto error = test::Failure(*connection_, "INSERT INTO public.t VALUES (1), (1)");
  ASSERT_TRUE(error);
  EXPECT_EQ(error->what, PgFailure::kBadData);
  EXPECT_EQ(error->sqlstate, "23505");
  EXPECT_FALSE(connection_->IsBroken());
}

TEST_F(ConnectionTest, SessionHasOurSettings) {
  ConnectOptions options;
  options.dsn = database_.dsn() + " options='-c work_mem=9MB'";
  options.application_name = "tlsrptd worker";
  options.statement_timeout = std::chrono::milliseconds(1500);
  options.lock_timeout = std::chrono::milliseconds(700);
  auto connection = Connection::Open(options);
  ASSERT_TRUE(connection) << connection.error().error.message;
  const std::pair<const char*, const char*> kWanted[] = {
      {"search_path", "tlsrptd"},  {"TimeZone", "UTC"},
      {"client_encoding", "UTF8"}, {"standard_conforming_strings", "on"},
      {"bytea_output", "hex"},     {"application_name", "tlsrptd worker"},
      {"lock_timeout", "700ms"},   {"statement_timeout", "1500ms"},
      {"work_mem", "9MB"},
  };
  for (const auto& [name, value] : kWanted) {
    EXPECT_EQ(test::Cell(**connection, std::string("SHOW ") + name), value) << name;
  }
}

TEST_F(ConnectionTest, StatementTimeoutCancels) {
  ConnectOptions options;
  options.dsn = database_.dsn();
  // Long enough for what opening a connection asks, on a machine that is busy.
  options.statement_timeout = std::chrono::seconds(1);
  auto connection = Connection::Open(options);
  ASSERT_TRUE(connection);
  const auto error = test::Failure(**connection, "SELECT pg_sleep(60)");
  ASSERT_TRUE(error);
  EXPECT_EQ(error->sqlstate, "57014");
  EXPECT_EQ(error->what, PgFailure::kRetry);
  EXPECT_FALSE((*connection)->IsBroken());
}

// A server that hangs keeps no statement_timeout: pg_sleep stands for one.
TEST_F(ConnectionTest, WatchdogEndsWhatTakesTooLong) {
  ConnectOptions options{.dsn = database_.dsn(), .role = {}};
  options.watchdog = std::make_shared<Watchdog>();
  // More than a moment in which a busy machine stands still: SELECT 1 must be in time.
  options.transaction_limit = std::chrono::seconds(2);
  const auto connection = Connection::Open(options);
  ASSERT_TRUE(connection);
  EXPECT_FALSE(test::Failure(**connection, "SELECT 1"));
  const auto failed = test::Failure(**connection, "SELECT pg_sleep(600)");
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->what, PgFailure::kRetry);
  EXPECT_EQ(failed->error.kind, ErrorKind::kUnavailable);
  EXPECT_TRUE((*connection)->IsBroken());
}

TEST_F(ConnectionTest, WatchdogEndsEverythingForAStop) {
  ConnectOptions options{.dsn = database_.dsn(), .role = {}};
  options.watchdog = std::make_shared<Watchdog>();
  const auto connection = Connection::Open(options);
  ASSERT_TRUE(connection);
  options.watchdog->InterruptAll(std::chrono::milliseconds(100));
  EXPECT_TRUE(test::Failure(**connection, "SELECT pg_sleep(600)"));
  EXPECT_TRUE((*connection)->IsBroken());
}

TEST_F(ConnectionTest, RoleIsTaken) {
  // A role of this test alone: roles belong to the whole server.
  test::TestServer::Get().Admin("CREATE ROLE \"a role of the test\"");
  const auto name = test::Cell(*test::OpenOrDie(database_.dsn(), "a role of the test"),
                               "SELECT current_user");
  test::TestServer::Get().Admin("DROP ROLE \"a role of the test\"");
  EXPECT_EQ(name, "a role of the test");

  ConnectOptions options;
  options.dsn = database_.dsn();
  options.role = "nobody_made_this_role";
  const auto refused = Connection::Open(options);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().error.message, HasSubstr("nobody_made_this_role"));
}

TEST_F(ConnectionTest, NamedQueryIsPreparedOnceAndSurvivesARollback) {
  for (int i = 0; i < 3; ++i) {
    const auto version = connection_->Transact(
        [](Transaction& tx) { return tx.Query("server_version")[0].Int32("version"); });
    ASSERT_TRUE(version) << version.error().error.message;
    EXPECT_GE(*version, 150000);
    (void)connection_->Transact([](Transaction& tx) -> Result<int> {
      tx.Query("server_version");
      return Error{ErrorKind::kNotFound, "roll back"};
    });
  }
  EXPECT_EQ(test::Cell(*connection_,
                       "SELECT string_agg(name, ',') FROM pg_prepared_statements"),
            "server_version");
}

TEST_F(ConnectionTest, QueryWithoutAFileIsOurBug) {
  const auto done = connection_->Transact(
      [](Transaction& tx) { return tx.Query("nobody_wrote_this"); });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().error.kind, ErrorKind::kInternal);
  EXPECT_THAT(done.error().error.message, HasSubstr("queries/nobody_wrote_this.sql"));
}

TEST_F(ConnectionTest, CellsOfTheWrongKindAreOurBug) {
  const std::pair<const char*, std::function<void(const Row&)>> kReads[] = {
      {"no such column by name", [](const Row& row) { (void)row.Text("b"); }},
      {"no such column by place", [](const Row& row) { (void)row.Text(5); }},
      {"negative place", [](const Row& row) { (void)row.Text(-1); }},
      {"text as number", [](const Row& row) { (void)row.Int64(0); }},
      {"text as boolean", [](const Row& row) { (void)row.Bool(0); }},
      {"text as uuid", [](const Row& row) { (void)row.Uuid(0); }},
      {"text as date", [](const Row& row) { (void)row.Date(0); }},
      {"text as time", [](const Row& row) { (void)row.Timestamp(0); }},
      {"text as bytes", [](const Row& row) { (void)row.Bytes(0); }},
      {"NULL as text", [](const Row& row) { (void)row.Text(1); }},
      {"bigint in an int", [](const Row& row) { (void)row.Int32(2); }},
      {"infinity is no day", [](const Row& row) { (void)row.Date(3); }},
      {"infinity is no time", [](const Row& row) { (void)row.Timestamp(4); }},
  };
  for (const auto& [why, read] : kReads) {
    SCOPED_TRACE(why);
    const auto& function = read;
    const auto done = connection_->Transact([&](Transaction& tx) {
      const auto rows = tx.Exec(
          "SELECT 'x' AS a, NULL AS n, 5000000000 AS i, 'infinity'::date AS d, "
          "'infinity'::timestamptz AS t");
      function(rows[0]);
    });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().error.kind, ErrorKind::kInternal);
  }
}

TEST_F(ConnectionTest, RowsOutliveTheConnection) {
  auto rows = connection_->Transact([](Transaction& tx) {
    return tx.Exec("SELECT i FROM generate_series(1, 3) AS i");
  });
  ASSERT_TRUE(rows);
  connection_.reset();
  std::int64_t sum = 0;
  for (const Row row : *rows) sum += row.Int64("i");
  EXPECT_EQ(sum, 6);
  EXPECT_THROW((void)rows->at(3), std::logic_error);
}

TEST(OpenTest, ServerThatIsAwayIsARetry) {
  ConnectOptions options;
  options.dsn = "host=/nonexistent dbname=x password=geheim";
  const auto opened = Connection::Open(options);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().what, PgFailure::kRetry);
  EXPECT_EQ(opened.error().error.kind, ErrorKind::kUnavailable);
  EXPECT_THAT(opened.error().error.message, HasSubstr("host=/nonexistent dbname=x"));
  EXPECT_THAT(opened.error().error.message, Not(HasSubstr("geheim")));
}

TEST(OpenTest, UnreadableDsnIsNotQuoted) {
  ConnectOptions options;
  options.dsn = "postgresql://user:geheim@[::1/db";
  const auto opened = Connection::Open(options);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().error.kind, ErrorKind::kMalformed);
  EXPECT_THAT(opened.error().error.message, Not(HasSubstr("geheim")));
}

TEST(OpenTest, DatabaseOfAnotherEncodingIsRefused) {
  auto& server = test::TestServer::Get();
  server.Admin("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
  ConnectOptions options;
  options.dsn = server.server().DsnOf("latin");
  const auto opened = Connection::Open(options);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().error.message, HasSubstr("encoding LATIN1"));
}

TEST(DsnTest, WhatTheAdministratorSaysStands) {
  ConnectOptions options;
  options.dsn =
      "postgresql://u:p%27w@h:5433/d?connect_timeout=3&application_name=mine&"
      "tcp_user_timeout=0";
  options.role = "r w\\x";
  const auto dsn = CompleteDsn(options);
  ASSERT_TRUE(dsn);
  for (const char* part :
       {"connect_timeout='3'", "application_name='mine'", "tcp_user_timeout='0'",
        "password='p\\'w'", "host='h'", "port='5433'", "dbname='d'", "user='u'",
        "keepalives_idle='30'", "client_encoding='UTF8'", "-c role=r\\\\ w\\\\\\\\x"}) {
    EXPECT_THAT(*dsn, HasSubstr(part));
  }
  EXPECT_EQ(DescribeDsn(options.dsn), "host=h port=5433 dbname=d user=u");
  EXPECT_EQ(DescribeDsn(""), "libpq's defaults");
}

TEST(DsnTest, PasswordOfAFile) {
  const auto dsn = WithPassword("host=h dbname=d", "p'\\w d");
  ASSERT_TRUE(dsn);
  EXPECT_EQ(*dsn, "dbname='d' host='h' password='p\\'\\\\w d'");
  ConnectOptions options;
  options.dsn = *dsn;
  EXPECT_THAT(*CompleteDsn(options), HasSubstr("password='p\\'\\\\w d'"));

  for (const char* two : {"host=h password=x", "postgresql://u:x@h/d", "host=h x=y"}) {
    const auto refused = WithPassword(two, "secret");
    ASSERT_FALSE(refused) << two;
    EXPECT_EQ(refused.error().kind, ErrorKind::kMalformed);
    EXPECT_THAT(refused.error().message, Not(HasSubstr("secret")));
  }
}

}  // namespace
}  // namespace tlsrpt::store
