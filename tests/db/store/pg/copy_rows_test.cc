#include "store/pg/copy_rows.h"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <string>
#include <string_view>

#include "store/pg/connection.h"
#include "tests/support/test_server.h"

namespace tlsrpt::store {
namespace {

using namespace std::chrono;
using namespace std::string_literals;

class Copy : public ::testing::Test {
 protected:
  Copy() {
    const auto made = connection_->Transact([](Transaction& tx) {
      tx.Exec(
          "CREATE TABLE public.t (id bigint, b boolean, s smallint, n bigint, x text,"
          " y bytea, u uuid, d date, z timestamptz, i inet, k integer, a text[],"
          " CONSTRAINT t_pk PRIMARY KEY (id), CONSTRAINT t_small CHECK (s < 1000))");
    });
    EXPECT_TRUE(made);
  }

  // Copies what `add` adds, in a transaction of its own.
  template <class Add>
  PgResult<void> Insert(const char* target, const Add& add) {
    return connection_->Transact([&](Transaction& tx) {
      CopyRows rows(target);
      add(rows);
      tx.Copy(rows);
    });
  }

  std::string Cell(const std::string& sql) { return test::Cell(*connection_, sql); }

  test::TestDatabase database_ = test::MakeEmptyDatabase();
  std::unique_ptr<Connection> connection_ = test::OpenOrDie(database_.dsn());
};

TEST_F(Copy, TextArrivesAsItIs) {
  const struct {
    const char* why;
    std::string_view text;
  } kRows[] = {
      {"plain", "firm.example"},
      {"empty is not NULL", ""},
      {"a tab, which separates columns in COPY's text format", "a\tb"},
      {"a newline, which ends its rows", "a\nb\r\n"},
      {"a backslash, its escape", "\\"},
      {"its NULL", "\\N"},
      {"its end", "\\.\n"},
      {"a quote", "it's \"so\""},
      {"more than a byte a character", "fïrm 😀"},
      {"control characters", "\x01\x1f\x7f"},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.why);
    const auto done = connection_->Transact([&](Transaction& tx) {
      tx.Exec("DELETE FROM public.t");
      CopyRows rows("public.t (id, x)");
      rows.Row().Bigint(1).Text(row.text);
      tx.Copy(rows);
      EXPECT_EQ(tx.Exec("SELECT x FROM public.t")[0].Text(0), row.text);
    });
    EXPECT_TRUE(done);
  }
}

TEST_F(Copy, EveryTypeArrives) {
  const auto uuid = *ParseUuid("0190a5d2-7b1c-7def-8a2b-0123456789ab");
  const auto day = sys_days{2026y / November / 26};
  const struct {
    const char* why;
    const char* column;
    CopyRows& (*add)(CopyRows& row);
    const char* want;
  } kRows[] = {
      {"true", "b", [](CopyRows& r) -> CopyRows& { return r.Bool(true); }, "true"},
      {"false", "b", [](CopyRows& r) -> CopyRows& { return r.Bool(false); }, "false"},
      {"smallint", "s", [](CopyRows& r) -> CopyRows& { return r.Smallint(-300); },
       "-300"},
      {"the least smallint", "s",
       [](CopyRows& r) -> CopyRows& { return r.Smallint(-32768); }, "-32768"},
      {"bigint", "n",
       [](CopyRows& r) -> CopyRows& { return r.Bigint(1'000'000'000'000); },
       "1000000000000"},
      {"the least bigint", "n",
       [](CopyRows& r) -> CopyRows& {
         return r.Bigint(std::numeric_limits<std::int64_t>::min());
       },
       "-9223372036854775808"},
      {"integer", "k", [](CopyRows& r) -> CopyRows& { return r.Integer(-70'000); },
       "-70000"},
      {"an empty array", "a", [](CopyRows& r) -> CopyRows& { return r.TextArray({}); },
       "{}"},
      {"an array of hostile text", "a",
       [](CopyRows& r) -> CopyRows& {
         return r.TextArray({"a", "", "NULL", "\"}'\\\t"});
       },
       R"({a,"","NULL","\"}'\\)"
       "\t\"}"},
      {"NULL", "n", [](CopyRows& r) -> CopyRows& { return r.Null(); }, "NULL"},
      {"bytes, NUL too", "y",
       [](CopyRows& r) -> CopyRows& {
         return r.Bytea({"\0\xff\n", 3});
       },
       "\\x00ff0a"},
      {"no uuid", "u",
       [](CopyRows& r) -> CopyRows& { return r.Uuid(std::optional<Uuid>()); }, "NULL"},
      {"before 2000", "d",
       [](CopyRows& r) -> CopyRows& { return r.Date(sys_days{1999y / December / 31}); },
       "1999-12-31"},
      {"1 BC", "d",
       [](CopyRows& r) -> CopyRows& { return r.Date(sys_days{0y / March / 1}); },
       "0001-03-01 BC"},
      {"before 2000, to the microsecond", "z",
       [](CopyRows& r) -> CopyRows& {
         return r.Timestamptz(TimePoint(sys_days{1970y / January / 1}) + 1us);
       },
       "1970-01-01 00:00:00.000001+00"},
      {"IPv4", "i", [](CopyRows& r) -> CopyRows& { return r.Inet("192.0.2.1"); },
       "192.0.2.1/32"},
      {"IPv6", "i", [](CopyRows& r) -> CopyRows& { return r.Inet("2001:db8::1"); },
       "2001:db8::1/128"},
      {"IPv4 in IPv6", "i",
       [](CopyRows& r) -> CopyRows& { return r.Inet("::ffff:192.0.2.1"); },
       "::ffff:192.0.2.1/128"},
      {"no address", "i", [](CopyRows& r) -> CopyRows& { return r.Inet(""); }, "NULL"},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.why);
    const auto done = connection_->Transact([&](Transaction& tx) {
      tx.Exec("DELETE FROM public.t");
      CopyRows rows("public.t (id, " + std::string(row.column) + ")");
      row.add(rows.Row().Bigint(1));
      tx.Copy(rows);
      const auto got = tx.Exec("SELECT coalesce(" + std::string(row.column) +
                               "::text, 'NULL') FROM public.t");
      EXPECT_EQ(got[0].Text(0), row.want);
    });
    EXPECT_TRUE(done);
  }
  ASSERT_TRUE(Insert("public.t (id, u, d)",
                     [&](CopyRows& rows) { rows.Row().Bigint(2).Uuid(uuid).Date(day); }));
  EXPECT_EQ(Cell("SELECT u || ' ' || d FROM public.t WHERE id = 2"),
            "0190a5d2-7b1c-7def-8a2b-0123456789ab 2026-11-26");
}

// An array of a composite type, with a domain in it.
TEST_F(Copy, RecordsArrive) {
  ASSERT_TRUE(connection_->Transact([](Transaction& tx) {
    tx.Exec("CREATE DOMAIN public.few AS smallint CONSTRAINT few CHECK (VALUE < 1000)");
    tx.Exec(
        "CREATE TYPE public.item AS (n bigint, s smallint, f public.few, x text, i "
        "inet)");
    tx.Exec("CREATE TABLE public.r (id bigint, items public.item[], k integer)");
  }));
  struct Item {
    std::int64_t number;
    std::int64_t few;
    std::string text;
    std::string address;
  };
  const auto insert = [&](const std::vector<Item>& items) {
    return Insert("public.r (id, items, k)", [&](CopyRows& rows) {
      rows.Row().Bigint(1).Records(items, [](CopyRows& record, const Item& item) {
        record.Bigint(item.number)
            .Smallint(-3)
            .Smallint(item.few)
            .Text(item.text)
            .Inet(item.address);
      });
      rows.Integer(7).Row().Bigint(2).Records(items, [](CopyRows& record, const Item&) {
        record.Bigint(5).Smallint(6).Smallint(7).Text("").Inet("");
      });
      rows.Integer(8);
    });
  };
  const auto done =
      insert({{1'000'000'000'000, 999, "a,\"b\"", "192.0.2.1"}, {-1, 0, "", ""}});
  ASSERT_TRUE(done) << done.error().error.message;
  EXPECT_EQ(Cell("SELECT string_agg(concat_ws('|', id, k, o, n, s, f, x, i), ';' ORDER BY"
                 " id, o) FROM public.r, unnest(items) WITH ORDINALITY"
                 " AS u (n, s, f, x, i, o)"),
            "1|7|1|1000000000000|-3|999|a,\"b\"|192.0.2.1;1|7|2|-1|-3|0|;"
            "2|8|1|5|6|7|;2|8|2|5|6|7|");
  ASSERT_TRUE(insert({}));
  EXPECT_EQ(Cell("SELECT count(*) FROM public.r WHERE items = '{}'"), "2");

  const auto against = insert({{1, 1000, "", ""}});
  ASSERT_FALSE(against);
  EXPECT_EQ(against.error().what, PgFailure::kBadData);
  EXPECT_EQ(against.error().sqlstate, "23514");
  const auto bad_text = insert({{1, 1, "caf\xe9", ""}});
  ASSERT_FALSE(bad_text);
  EXPECT_EQ(bad_text.error().what, PgFailure::kBadData);
  const auto too_large = insert({{1, 40'000, "", ""}});
  ASSERT_FALSE(too_large);
  EXPECT_EQ(too_large.error().what, PgFailure::kBadData) << too_large.error().sqlstate;
}

// What PostgreSQL would not take as a literal either is refused, alone or among others.
TEST_F(Copy, WhatIsNoValueIsBadData) {
  const struct {
    const char* why;
    const char* target;
    CopyRows& (*add)(CopyRows& row);
    const char* sqlstate;
  } kRows[] = {
      {"NUL in text", "public.t (id, x)",
       [](CopyRows& r) -> CopyRows& {
         return r.Text({"a\0b", 3});
       },
       "22021"},
      {"not UTF-8", "public.t (id, x)",
       [](CopyRows& r) -> CopyRows& { return r.Text("caf\xe9"); }, "22021"},
      {"too large for its column", "public.t (id, s)",
       [](CopyRows& r) -> CopyRows& { return r.Smallint(32768); }, "22P03"},
      {"too small for its column", "public.t (id, s)",
       [](CopyRows& r) -> CopyRows& { return r.Smallint(-32769); }, "22P03"},
      {"more than an integer", "public.t (id, k)",
       [](CopyRows& r) -> CopyRows& { return r.Integer(2'147'483'648); }, "22P03"},
      {"NUL in an array", "public.t (id, a)",
       [](CopyRows& r) -> CopyRows& { return r.TextArray({"a\0b"s}); }, "22021"},
      {"no IP address", "public.t (id, i)",
       [](CopyRows& r) -> CopyRows& { return r.Inet("mx.firm.example"); }, "22P03"},
      {"a network", "public.t (id, i)",
       [](CopyRows& r) -> CopyRows& { return r.Inet("192.0.2.0/24"); }, "22P03"},
      {"more behind an address", "public.t (id, i)",
       [](CopyRows& r) -> CopyRows& { return r.Inet("192.0.2.1\0x"s); }, "22P03"},
      {"a day beyond PostgreSQL's", "public.t (id, d)",
       [](CopyRows& r) -> CopyRows& { return r.Date(sys_days{days{2'147'483'000}}); },
       "22008"},
      {"against a CHECK", "public.t (id, s)",
       [](CopyRows& r) -> CopyRows& { return r.Smallint(1000); }, "23514"},
      {"a key that is there", "public.t (id, s)",
       [](CopyRows& r) -> CopyRows& { return r.Smallint(1).Row().Bigint(1).Smallint(2); },
       "23505"},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.why);
    const auto refused = Insert(row.target, [&](CopyRows& rows) {
      rows.Row().Bigint(7).Null();
      row.add(rows.Row().Bigint(1));
    });
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().what, PgFailure::kBadData) << refused.error().error.message;
    EXPECT_EQ(refused.error().sqlstate, row.sqlstate);
    EXPECT_EQ(Cell("SELECT count(*) FROM public.t"), "0");
    EXPECT_FALSE(connection_->IsBroken());
  }
}

TEST_F(Copy, ManyRowsAndThenMore) {
  constexpr int kRows = 20'000;  // more than goes at a time
  const std::string text(50, 'x');
  const auto done = connection_->Transact([&](Transaction& tx) {
    CopyRows rows("public.t (id, x)");
    tx.Copy(rows);  // nothing
    for (int i = 0; i < kRows; ++i) rows.Row().Bigint(i).Text(text);
    EXPECT_EQ(rows.rows(), std::size_t{kRows});
    tx.Copy(rows);
    EXPECT_EQ(rows.rows(), 0u);
    tx.Copy(rows);  // nothing twice
    rows.Row().Bigint(kRows).Text("last");
    tx.Copy(rows);
  });
  ASSERT_TRUE(done) << done.error().error.message;
  EXPECT_EQ(Cell("SELECT count(*) || ' ' || max(x) FROM public.t"),
            "20001 xxx" + std::string(47, 'x'));
}

// An error among many rows comes after all of them were sent.
TEST_F(Copy, TransactionThatCaughtARefusalIsNotCommitted) {
  const auto done = connection_->Transact([&](Transaction& tx) {
    CopyRows rows("public.t (id, x)");
    rows.Row().Bigint(1).Text("good");
    tx.Copy(rows);
    for (int i = 0; i < 20'000; ++i) rows.Row().Bigint(i).Text("twice");
    try {
      tx.Copy(rows);
    } catch (const std::exception&) {
    }
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().sqlstate, "23505");
  EXPECT_EQ(Cell("SELECT count(*) FROM public.t"), "0");
  EXPECT_TRUE(Insert("public.t (id)", [](CopyRows& rows) { rows.Row().Bigint(1); }));
}

TEST_F(Copy, LostConnectionIsTriedAgain) {
  std::unique_ptr<Connection> other = test::OpenOrDie(database_.dsn());
  const auto done = connection_->Transact([&](Transaction& tx) {
    const auto pid = tx.Exec("SELECT pg_backend_pid()::text");
    const auto ended = other->Transact([&](Transaction& killer) {
      killer.Exec("SELECT pg_terminate_backend(" + std::string(pid[0].Text(0)) +
                  ", 10000)");
    });
    EXPECT_TRUE(ended);
    CopyRows rows("public.t (id)");
    rows.Row().Bigint(1);
    tx.Copy(rows);
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().what, PgFailure::kRetry);
  EXPECT_TRUE(connection_->IsBroken());
}

}  // namespace
}  // namespace tlsrpt::store
