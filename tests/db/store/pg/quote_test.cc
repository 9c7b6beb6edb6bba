#include "store/pg/quote.h"

#include <gtest/gtest.h>

#include "store/pg/param.h"
#include "tests/support/test_server.h"

namespace tlsrpt::store {
namespace {

using namespace std::chrono;

struct TextRow {
  const char* why;
  std::string_view text;
  const char* literal;
};

const TextRow kTexts[] = {
    {"plain", "firm.example", "'firm.example'"},
    {"empty is not NULL", "", "''"},
    {"a quote is doubled", "it's", "'it''s'"},
    {"quotes at both ends", "'x'", "'''x'''"},
    {"only quotes", "''", "''''''"},
    {"a backslash is itself", "a\\", "'a\\'"},
    {"backslash before quote", "\\'", "'\\'''"},
    {"escape-string look-alike", "E'\\n'", "'E''\\n'''"},
    {"comment and semicolon", "'; DROP TABLE report; --", "'''; DROP TABLE report; --'"},
    {"dollar quotes", "$$ $1 $x$", "'$$ $1 $x$'"},
    {"two-byte character", "fïrm", "'fïrm'"},
    {"four-byte character beside a quote", "😀'😀", "'😀''😀'"},
    {"newline and tab", "a\n\tb", "'a\n\tb'"},
    {"control characters", "\x01\x1f\x7f", "'\x01\x1f\x7f'"},
    {"braces and quotes of arrays", "{\"a\",NULL}", "'{\"a\",NULL}'"},
    {"percent and question mark", "%s ? :x", "'%s ? :x'"},
};

TEST(Quote, Text) {
  for (const TextRow& row : kTexts) {
    SCOPED_TRACE(row.why);
    std::string out = "before ";
    QuoteText(out, row.text);
    EXPECT_EQ(out, std::string("before ") + row.literal);
  }
}

class QuoteRoundTrip : public ::testing::Test {
 protected:
  test::TestDatabase database_ = test::MakeEmptyDatabase();
  std::unique_ptr<Connection> connection_ = test::OpenOrDie(database_.dsn());
};

TEST_F(QuoteRoundTrip, TextBothWays) {
  for (const TextRow& row : kTexts) {
    SCOPED_TRACE(row.why);
    std::string sql = "SELECT ";
    QuoteText(sql, row.text);
    EXPECT_EQ(test::Cell(*connection_, sql), row.text);
    const auto by_param = connection_->Transact([&](Transaction& tx) {
      return std::string(tx.ExecParams("SELECT $1::text", {row.text})[0].Text(0));
    });
    ASSERT_TRUE(by_param);
    EXPECT_EQ(*by_param, row.text);
  }
}

TEST_F(QuoteRoundTrip, ArraysOfHostileText) {
  std::vector<std::string> values = {"NULL", "null", " blanks ", ",", "{", "}"};
  for (const TextRow& row : kTexts) values.emplace_back(row.text);
  for (const auto& array :
       {values, std::vector<std::string>{}, std::vector<std::string>{""}}) {
    std::string sql = "SELECT ";
    QuoteTextArray(sql, array);
    sql += "::text[]";
    const auto got = connection_->Transact([&](Transaction& tx) {
      EXPECT_EQ(tx.ExecParams("SELECT $1::text[]", {array})[0].TextArray(0), array);
      return tx.Exec(sql)[0].TextArray(0);
    });
    ASSERT_TRUE(got) << got.error().error.message;
    EXPECT_EQ(*got, array);
  }
}

TEST_F(QuoteRoundTrip, ArrayThatIsNotPlainIsRefused) {
  for (const char* sql :
       {"SELECT '{NULL}'::text[]", "SELECT '{{a},{b}}'::text[]", "SELECT 'a'::text"}) {
    SCOPED_TRACE(sql);
    const auto got = connection_->Transact(
        [&](Transaction& tx) { return tx.Exec(sql)[0].TextArray(0); });
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().error.kind, ErrorKind::kInternal);
  }
}

TEST_F(QuoteRoundTrip, EveryByte) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  std::string sql = "SELECT ";
  QuoteBytes(sql, bytes);
  sql += "::bytea";
  const auto got = connection_->Transact([&](Transaction& tx) {
    EXPECT_EQ(tx.ExecParams("SELECT $1::bytea", {Bytes{bytes}})[0].Bytes(0), bytes);
    EXPECT_EQ(tx.ExecParams("SELECT $1::bytea", {Bytes{""}})[0].Bytes(0), "");
    return tx.Exec(sql)[0].Bytes(0);
  });
  ASSERT_TRUE(got) << got.error().error.message;
  EXPECT_EQ(*got, bytes);
}

TEST_F(QuoteRoundTrip, Uuid) {
  for (const char* text :
       {"00000000-0000-0000-0000-000000000000", "0190a5d2-7b1c-7def-8a2b-0123456789ab",
        "ffffffff-ffff-ffff-ffff-ffffffffffff"}) {
    std::string quoted;
    QuoteUuid(quoted, *ParseUuid(text));
    EXPECT_EQ(quoted, std::string("'") + text + "'");
    const auto got = connection_->Transact([&](Transaction& tx) {
      return tx.Exec("SELECT " + quoted + "::uuid")[0].Uuid(0);
    });
    ASSERT_TRUE(got);
    EXPECT_EQ(got->ToString(), text);
  }
}

struct DateRow {
  const char* why;
  sys_days day;
  const char* text;
};

const DateRow kDates[] = {
    {"today", sys_days{2026y / November / 3}, "2026-11-03"},
    {"leap day", sys_days{2024y / February / 29}, "2024-02-29"},
    {"before 1970", sys_days{1969y / December / 31}, "1969-12-31"},
    {"three-digit year", sys_days{999y / January / 1}, "0999-01-01"},
    {"five-digit year", sys_days{12026y / January / 1}, "12026-01-01"},
    {"chrono's year 0 is 1 BC", sys_days{0y / March / 2}, "0001-03-02 BC"},
};

TEST_F(QuoteRoundTrip, Dates) {
  for (const DateRow& row : kDates) {
    SCOPED_TRACE(row.why);
    std::string quoted;
    QuoteDate(quoted, row.day);
    EXPECT_EQ(quoted, std::string("'") + row.text + "'");
    const auto got = connection_->Transact([&](Transaction& tx) {
      EXPECT_EQ(tx.ExecParams("SELECT $1::date", {row.day})[0].Date(0), row.day);
      return tx.Exec("SELECT " + quoted + "::date")[0].Date(0);
    });
    ASSERT_TRUE(got) << got.error().error.message;
    EXPECT_EQ(*got, row.day);
  }
}

struct TimeRow {
  const char* why;
  TimePoint time;
  const char* text;
};

const TimeRow kTimes[] = {
    {"whole seconds", sys_days{2026y / November / 3} + 7h + 8min + 9s,
     "2026-11-03 07:08:09.000000+00"},
    {"microseconds", sys_days{2026y / November / 3} + 1us,
     "2026-11-03 00:00:00.000001+00"},
    {"trailing zeros", sys_days{2026y / November / 3} + 500ms,
     "2026-11-03 00:00:00.500000+00"},
    {"before 1970", sys_days{1969y / December / 31} + 24h - 1us,
     "1969-12-31 23:59:59.999999+00"},
    {"chrono's year 0 is 1 BC", sys_days{0y / March / 2} + 5s,
     "0001-03-02 00:00:05.000000+00 BC"},
};

TEST_F(QuoteRoundTrip, Times) {
  for (const TimeRow& row : kTimes) {
    SCOPED_TRACE(row.why);
    std::string quoted;
    QuoteTime(quoted, row.time);
    EXPECT_EQ(quoted, std::string("'") + row.text + "'");
    const auto got = connection_->Transact([&](Transaction& tx) {
      EXPECT_EQ(tx.ExecParams("SELECT $1::timestamptz", {row.time})[0].Timestamp(0),
                row.time);
      return tx.Exec("SELECT " + quoted + "::timestamptz")[0].Timestamp(0);
    });
    ASSERT_TRUE(got) << got.error().error.message;
    EXPECT_EQ(*got, row.time);
  }
}

TEST_F(QuoteRoundTrip, NumbersToTheEdge) {
  for (const std::int64_t number :
       {std::int64_t{0}, std::int64_t{-1}, INT64_MAX, INT64_MIN, std::int64_t{1} << 40}) {
    std::string sql = "SELECT (";
    QuoteInt(sql, number);
    const auto got = connection_->Transact([&](Transaction& tx) {
      EXPECT_EQ(tx.ExecParams("SELECT $1::bigint", {number})[0].Int64(0), number);
      return tx.Exec(sql + ")::bigint")[0].Int64(0);
    });
    ASSERT_TRUE(got) << got.error().error.message;
    EXPECT_EQ(*got, number);
  }
}

TEST_F(QuoteRoundTrip, NulAndBadUtf8AreBadDataNotCutShort) {
  const auto refused = [&](const std::string& text) {
    std::string sql = "SELECT ";
    QuoteText(sql, text);
    const auto error = test::Failure(*connection_, sql);
    ASSERT_TRUE(error);
    EXPECT_EQ(error->what, PgFailure::kBadData) << error->error.message;
    EXPECT_EQ(error->error.kind, ErrorKind::kMalformed);
    const auto by_param = connection_->Transact(
        [&](Transaction& tx) { tx.ExecParams("SELECT $1::text", {text}); });
    ASSERT_FALSE(by_param);
    EXPECT_EQ(by_param.error().what, PgFailure::kBadData);
  };
  refused(std::string("a\0b", 3));
  refused("lone continuation \x80");
  refused("lead byte that would eat the quote \xc3");
  refused("overlong quote \xc0\xa7");
  refused("surrogate \xed\xa0\x80");
}

TEST(ValuesBuilder, BuildsAndStartsOver) {
  ValuesBuilder insert("INSERT INTO t VALUES ");
  insert.Row().Text("a").Int(1).Null();
  insert.Row().TextOrNull("").Int(std::optional<std::int64_t>()).Bool(true);
  EXPECT_EQ(insert.rows(), 2u);
  const std::string first = insert.Finish(" ON CONFLICT DO NOTHING");
  EXPECT_EQ(
      first,
      "INSERT INTO t VALUES ('a','1',NULL),\n(NULL,NULL,true) ON CONFLICT DO NOTHING");
  EXPECT_EQ(insert.Finish(" ignored the second time"), first);
  insert.Row().TextOrNull("b").TextArray({"x'y"}).Bytes("\xff");
  EXPECT_EQ(insert.rows(), 1u);
  EXPECT_EQ(insert.Finish(), "INSERT INTO t VALUES ('b','{\"x''y\"}','\\xff')");
}

TEST_F(QuoteRoundTrip, UntypedLiteralsTakeTheColumnsType) {
  const Uuid id = *ParseUuid("0190a5d2-7b1c-7def-8a2b-0123456789ab");
  const auto done = connection_->Transact([&](Transaction& tx) {
    tx.Exec(
        "CREATE TEMP TABLE t (a inet, b uuid, c date, d timestamptz, e text[], "
        "f bytea, g boolean, h bigint)");
    ValuesBuilder insert("INSERT INTO t VALUES ");
    // NULL first: the type must not come from the first row.
    insert.Row().TextOrNull("").Uuid(std::optional<Uuid>()).Null().Null().Null().Null();
    insert.Null().Null();
    insert.Row().TextOrNull("2001:db8::1").Uuid(id).Date(sys_days{2026y / May / 1});
    insert.Time(sys_seconds(sys_days{2026y / May / 1} + 1h)).TextArray({"x"});
    insert.Bytes("y").Bool(false).Int(7);
    EXPECT_EQ(tx.Exec(insert.Finish()).AffectedRows(), 2u);
    const auto rows = tx.Exec("SELECT * FROM t WHERE h = 7");
    EXPECT_EQ(rows[0].Text("a"), "2001:db8::1");
    EXPECT_EQ(rows[0].Uuid("b"), id);
    EXPECT_EQ(rows[0].Date("c"), sys_days{2026y / May / 1});
    EXPECT_EQ(rows[0].Timestamp("d"), TimePoint(sys_days{2026y / May / 1} + 1h));
    EXPECT_EQ(rows[0].TextArray("e"), std::vector<std::string>{"x"});
    EXPECT_EQ(rows[0].Bytes("f"), "y");
    EXPECT_FALSE(rows[0].Bool("g"));
    const auto nulls = tx.Exec("SELECT * FROM t WHERE h IS NULL");
    for (int column = 0; column < 8; ++column) EXPECT_TRUE(nulls[0].IsNull(column));
    EXPECT_FALSE(nulls[0].OptionalUuid("b"));
    EXPECT_FALSE(nulls[0].OptionalDate("c"));
    EXPECT_FALSE(nulls[0].OptionalTimestamp("d"));
    EXPECT_FALSE(nulls[0].OptionalInt64("h"));
  });
  ASSERT_TRUE(done) << done.error().error.message;
}

}  // namespace
}  // namespace tlsrpt::store
