#include "store/model/report_loop.h"

#include <gtest/gtest.h>

namespace tlsrpt::store {
namespace {

TEST(ReportLoop, Table) {
  struct Row {
    const char* why;
    int days_reported, days_asked;
    std::int64_t most_sessions;
    bool looks_like_one;
  };
  const Row rows[] = {
      {"a session a day, every day", 14, 14, 1, true},
      {"with a retry and an address family more", 12, 14, 3, true},
      {"over a month", 28, 30, 2, true},
      {"one busy day is a sender", 14, 14, 4, false},
      {"a small sender writes now and then", 5, 14, 1, false},
      {"every weekday", 10, 14, 1, true},
      {"a week says nothing", 7, 7, 1, false},
      {"two thirds of a month is no loop", 20, 30, 1, false},
      {"reports without sessions", 14, 14, 0, false},
      {"nothing", 0, 14, 0, false},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(LooksLikeReportLoop(row.days_reported, row.days_asked, row.most_sessions),
              row.looks_like_one);
  }
}

}  // namespace
}  // namespace tlsrpt::store
