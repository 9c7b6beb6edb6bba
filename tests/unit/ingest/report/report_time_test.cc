#include "ingest/report/report_time.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace tlsrpt::ingest {
namespace {

using namespace std::chrono;

constexpr auto kApril1 = sys_days{2016y / April / 1} + 0s;

struct Row {
  const char* why;
  const char* text;
  std::optional<sys_seconds> want;  // empty: kMalformed
};

const Row kRows[] = {
    // What the RFCs say.
    {"RFC 8460, app. B: start", "2016-04-01T00:00:00Z", kApril1},
    {"RFC 8460, app. B: end", "2016-04-01T23:59:59Z", kApril1 + 23h + 59min + 59s},
    {"RFC 3339, 5.6: lower case", "2016-04-01t00:00:00z", kApril1},
    {"RFC 3339, 5.6: space for T", "2016-04-01 00:00:00Z", kApril1},
    {"RFC 3339, 5.6: offset", "2016-04-01T02:00:00+02:00", kApril1},
    {"RFC 3339, 5.6: offset to the west", "2016-03-31T22:00:00-02:00", kApril1},
    {"RFC 3339, 4.3: unknown local offset", "2016-04-01T00:00:00-00:00", kApril1},
    {"RFC 3339, 5.6: half-hour offset", "2016-04-01T05:30:00+05:30", kApril1},
    {"RFC 3339, 5.6: fraction", "2016-04-01T00:00:00.999Z", kApril1},
    {"RFC 3339, 5.7: leap second", "2016-03-31T23:59:60Z", kApril1},
    // What senders do.
    {"Microsoft: no offset", "2016-04-01T00:00:00", kApril1},
    // What we refuse.
    {"empty", "", {}},
    {"date only", "2016-04-01", {}},
    {"Unix time", "1459468800", {}},
    {"no such day", "2015-02-29T00:00:00Z", {}},
    {"hour 24", "2016-04-01T24:00:00Z", {}},
    {"minute 60", "2016-04-01T00:60:00Z", {}},
    {"second 61", "2016-04-01T00:00:61Z", {}},
    {"offset without colon", "2016-04-01T00:00:00+0200", {}},
    {"offset hour 24", "2016-04-01T00:00:00+24:00", {}},
    {"offset minute 60", "2016-04-01T00:00:00+00:60", {}},
    {"bare fraction", "2016-04-01T00:00:00.Z", {}},
    {"text after", "2016-04-01T00:00:00Z ", {}},
    {"two offsets", "2016-04-01T00:00:00Z+00:00", {}},
    {"month 13", "2016-13-01T00:00:00Z", {}},
    {"month 0", "2016-00-01T00:00:00Z", {}},
    {"a sign before the year", "-016-04-01T00:00:00Z", {}},
    {"not ASCII digits", "２０16-04-01T00:00:00Z", {}},
};

TEST(ReportTime, Table) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    const auto got = ParseReportTime(row.text);
    ASSERT_EQ(got.has_value(), row.want.has_value());
    if (row.want) {
      EXPECT_EQ(*got, *row.want);
    } else {
      EXPECT_EQ(got.error().kind, ErrorKind::kMalformed);
    }
  }
}

struct OffsetRow {
  const char* why;
  const char* text;
  bool missing;
};

const OffsetRow kOffsetRows[] = {
    {"Z", "2016-04-01T00:00:00Z", false},
    {"numeric", "2016-04-01T00:00:00+00:00", false},
    {"Microsoft: none", "2016-04-01T00:00:00", true},
    {"none after a fraction", "2016-04-01T00:00:00.000", true},
};

TEST(ReportTime, SaysWhenTheOffsetIsMissing) {
  for (const OffsetRow& row : kOffsetRows) {
    SCOPED_TRACE(row.why);
    bool missing = !row.missing;
    ASSERT_TRUE(ParseReportTime(row.text, &missing).has_value());
    EXPECT_EQ(missing, row.missing);
  }
}

// However a time is cut, the parser answers; it never reads past the view.
TEST(ReportTime, EveryPrefixIsAnswered) {
  const std::string_view whole = "2016-04-01T02:00:00.5+02:00";
  for (std::size_t n = 0; n < whole.size(); ++n) {
    SCOPED_TRACE(n);
    const std::string exact(whole.substr(0, n));  // its own allocation, for ASan
    (void)ParseReportTime(exact);
  }
}

}  // namespace
}  // namespace tlsrpt::ingest
