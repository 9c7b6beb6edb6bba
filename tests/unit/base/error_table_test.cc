#include "base/error_table.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <iterator>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tlsrpt {
namespace {

struct Row {
  const char* why;
  ErrorRow want;
};

const Row kRows[] = {
    {"wrong bytes, for ever: nobody retries",
     {ErrorKind::kMalformed, "malformed", 501, "5.5.2", 400, 400, LogLevel::kInfo}},
    {"a limit of ours",
     {ErrorKind::kTooLarge, "too_large", 552, "5.3.4", 413, 413, LogLevel::kInfo}},
    {"not proven: accepted by mail; REST asks for a token",
     {ErrorKind::kUnauthentic, "unauthentic", 0, "", 0, 401, LogLevel::kInfo}},
    {"no such recipient, path or domain",
     {ErrorKind::kNotFound, "not_found", 550, "5.1.1", 404, 404, LogLevel::kInfo}},
    {"RFC 8460, 5.5: a sender told 4xx or 503 tries again",
     {ErrorKind::kUnavailable, "unavailable", 451, "4.3.0", 503, 503,
      LogLevel::kWarning}},
    {"our bug must not lose the report, so the sender is told to come back",
     {ErrorKind::kInternal, "internal", 451, "4.3.0", 500, 500, LogLevel::kError}},
};

// The compiler warns here when a kind is added, and the test below fails until the
// number and the table follow.
constexpr std::size_t CountOfKinds() {
  switch (ErrorKind::kMalformed) {
    case ErrorKind::kMalformed:
    case ErrorKind::kTooLarge:
    case ErrorKind::kUnauthentic:
    case ErrorKind::kNotFound:
    case ErrorKind::kUnavailable:
    case ErrorKind::kInternal:
      break;
  }
  return static_cast<std::size_t>(ErrorKind::kInternal) + 1;
}

TEST(ErrorTable, Table) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    const ErrorRow& got = RowOf(row.want.kind);
    EXPECT_EQ(got.kind, row.want.kind);
    EXPECT_EQ(got.name, row.want.name);
    EXPECT_EQ(got.smtp_code, row.want.smtp_code);
    EXPECT_EQ(got.smtp_enhanced, row.want.smtp_enhanced);
    EXPECT_EQ(got.http_intake_status, row.want.http_intake_status);
    EXPECT_EQ(got.rest_status, row.want.rest_status);
    EXPECT_EQ(got.log_level, row.want.log_level);
  }
}

TEST(ErrorTable, EveryKindHasARowOfItsOwn) {
  ASSERT_EQ(std::size(kRows), CountOfKinds());
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < CountOfKinds(); ++i) {
    const auto kind = static_cast<ErrorKind>(i);
    EXPECT_EQ(RowOf(kind).kind, kind);
    names.insert(RowOf(kind).name);
  }
  EXPECT_EQ(names.size(), CountOfKinds());
}

// RFC 3463, 3.1: the class of the enhanced code is that of the reply.
TEST(ErrorTable, EnhancedCodesAgreeWithReplies) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    const ErrorRow& got = RowOf(row.want.kind);
    if (got.smtp_code == 0) continue;
    ASSERT_FALSE(got.smtp_enhanced.empty());
    EXPECT_EQ(got.smtp_enhanced[0] - '0', got.smtp_code / 100);
  }
}

// A sender that may come again by one way may by the other.
TEST(ErrorTable, MailAndPostsAgreeOnWhatIsTemporary) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    const ErrorRow& got = RowOf(row.want.kind);
    if (got.smtp_code == 0) continue;
    EXPECT_EQ(got.smtp_code / 100 == 4, got.http_intake_status / 100 == 5);
  }
}

TEST(Result, WrapPutsTheContextInFront) {
  const Error error = Wrap({ErrorKind::kTooLarge, "gzip: past the limit"}, "a.eml");
  EXPECT_EQ(error.kind, ErrorKind::kTooLarge);
  EXPECT_EQ(error.message, "a.eml: gzip: past the limit");
}

TEST(Result, AnUncheckedErrorSaysWhatItWas) {
  const Result<int> result = Error{ErrorKind::kMalformed, "gzip: cut short"};
  try {
    (void)result.value();
    FAIL() << "value() of an error must throw";
  } catch (const std::logic_error& error) {
    EXPECT_STREQ(error.what(), "unchecked error: gzip: cut short");
  }
}

}  // namespace
}  // namespace tlsrpt
