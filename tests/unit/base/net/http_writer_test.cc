#include "base/net/http_writer.h"

#include <gtest/gtest.h>

#include "base/net/http_problem.h"

namespace tlsrpt::net {
namespace {

using namespace std::chrono_literals;

// RFC 9110, 5.6.7 has this one.
constexpr std::chrono::sys_seconds kNovember6(784'111'777s);

struct Row {
  const char* why;
  HttpResponse response;
  HttpFraming framing;
  const char* want;
};

const Row kRows[] = {
    {"a body",
     {200, {{"Content-Type", "text/plain"}}, "hello"},
     {},
     "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
     "Content-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"},
    {"HEAD",
     {200, {}, "hello"},
     {.head_only = true},
     "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
     "Content-Length: 5\r\n\r\n"},
    {"no body may follow 204",
     {204, {}, "hello"},
     {},
     "HTTP/1.1 204 No Content\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n"},
    {"nor 304",
     {304, {{"ETag", "\"a\""}}, "hello"},
     {},
     "HTTP/1.1 304 Not Modified\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
     "ETag: \"a\"\r\n\r\n"},
    {"the last one",
     {404, {}, ""},
     {.close = true, .http_1_0 = true},
     "HTTP/1.1 404 Not Found\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
     "Content-Length: 0\r\nConnection: close\r\n\r\n"},
    {"HTTP/1.0 must be told",
     {200, {}, ""},
     {.http_1_0 = true},
     "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
     "Content-Length: 0\r\nConnection: keep-alive\r\n\r\n"},
    {"a value cannot make a header of its own",
     {302, {{"Location", "/a\r\nSet-Cookie: b"}}, ""},
     {},
     "HTTP/1.1 302 Found\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
     "Location: /a  Set-Cookie: b\r\nContent-Length: 0\r\n\r\n"},
};

TEST(HttpWriter, Table) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    HttpFraming framing = row.framing;
    framing.now = kNovember6;
    EXPECT_EQ(FormatResponse(row.response, framing), row.want);
  }
}

TEST(HttpProblem, IsJsonWhateverItSays) {
  const HttpResponse response = Problem(404, "Not \"Found\"", "a\\b\n\x01\xff");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.body,
            "{\"type\":\"about:blank\",\"title\":\"Not \\\"Found\\\"\",\"status\":404,"
            "\"detail\":\"a\\\\b\\u000a\\u0001\xEF\xBF\xBD\"}\n");
  ASSERT_EQ(response.headers.size(), 1u);
  EXPECT_EQ(response.headers[0].second, "application/problem+json");
}

TEST(HttpProblem, TryAgainLater) {
  const HttpResponse response = TryAgainLater(30s, "full");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.headers.back(),
            (std::pair<std::string, std::string>{"Retry-After", "30"}));
  EXPECT_NE(response.body.find("\"title\":\"Service Unavailable\""), std::string::npos);
}

}  // namespace
}  // namespace tlsrpt::net
