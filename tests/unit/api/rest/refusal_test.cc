#include "api/rest/refusal.h"

#include <gtest/gtest.h>

#include <string>

namespace tlsrpt::api {
namespace {

using store::PgError;
using store::PgFailure;

struct Row {
  const char* why;
  PgError error;
  int status;
  std::string detail;
  std::string log;
};

const Row kRows[] = {
    {"a value that PostgreSQL refuses: its words are for the log",
     {{ErrorKind::kMalformed, "PostgreSQL 22P02: x"}, "22P02", PgFailure::kBadData},
     400,
     "the database takes no such value",
     "PostgreSQL 22P02: x"},
    {"a value that we refuse inside a transaction: ours are for whoever asked",
     {{ErrorKind::kMalformed, "is a domain of the demo"}, "", PgFailure::kOther},
     400,
     "is a domain of the demo",
     ""},
    {"away",
     {{ErrorKind::kUnavailable, "no route to 192.0.2.1"}, "", PgFailure::kRetry},
     503,
     "the database is away or busy; try again",
     "no route to 192.0.2.1"},
    {"a limit of ours, not of the request",
     {{ErrorKind::kTooLarge, "too many rows"}, "", PgFailure::kOther},
     503,
     "too many rows",
     ""},
    {"our bug",
     {{ErrorKind::kInternal, "no such query"}, "", PgFailure::kOther},
     500,
     Refusal::kOurs,
     "no such query"},
};

TEST(Refusal, OfAnErrorOfTheDatabase) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    const Refusal refusal(row.error);
    EXPECT_EQ(refusal.status, row.status);
    EXPECT_EQ(refusal.detail, row.detail);
    EXPECT_EQ(refusal.log, row.log);
  }
}

}  // namespace
}  // namespace tlsrpt::api
