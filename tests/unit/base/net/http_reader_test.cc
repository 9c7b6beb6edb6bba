#include "base/net/http_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace tlsrpt::net {
namespace {

using namespace std::string_literals;
using State = HttpReader::State;

constexpr HttpReaderLimits kLimits{.max_body_bytes = 20, .max_header_bytes = 200};

// What came of one request: "POST /a 5 hello", or "413".
std::string Outcome(HttpReader& reader) {
  if (reader.state() == State::kFault) return std::to_string(reader.fault().status);
  if (reader.state() != State::kDone) return "more";
  const HttpRequest request = reader.TakeRequest();
  return request.method + ' ' + request.target + ' ' +
         std::to_string(request.body.size()) + ' ' + request.body;
}

// All requests in the pieces, up to and with the first that is refused.
std::vector<std::string> ReadAll(const std::vector<std::string>& pieces) {
  std::vector<std::string> outcomes;
  auto reader = std::make_unique<HttpReader>(kLimits);
  for (const std::string& piece : pieces) {
    for (std::string_view rest = piece; !rest.empty();) {
      rest.remove_prefix(reader->Feed(rest));
      if (reader->state() == State::kHeadDone) reader->ReadBody();
      if (reader->state() == State::kFault) {
        outcomes.push_back(Outcome(*reader));
        return outcomes;
      }
      if (reader->state() == State::kDone) {
        outcomes.push_back(Outcome(*reader));
        reader = std::make_unique<HttpReader>(kLimits);
      }
    }
  }
  if (reader->Started()) outcomes.push_back(Outcome(*reader));
  return outcomes;
}

std::string LineBreaks(std::size_t count) {
  std::string breaks;
  while (count-- > 0) breaks += "\r\n";
  return breaks;
}

struct Row {
  const char* why;
  std::string bytes;
  std::vector<std::string> want;
};

const Row kRows[] = {
    // What RFC 9112 says.
    {"no body", "GET /a HTTP/1.1\r\nHost: x\r\n\r\n", {"GET /a 0 "}},
    {"a body",
     "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
     {"POST /a 5 hello"}},
    {"an empty body",
     "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
     {"POST /a 0 "}},
    {"chunks",
     "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
     "2\r\nhe\r\n3;x=\"y\"\r\nllo\r\n0\r\n\r\n",
     {"POST /a 5 hello"}},
    {"chunks, in capitals",
     "POST /a HTTP/1.1\r\nHost: x\r\ntransfer-encoding: CHUNKED\r\n\r\n"
     "A\r\n0123456789\r\n00\r\n\r\n",
     {"POST /a 10 0123456789"}},
    {"a trailer, dropped",
     "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
     "1\r\na\r\n0\r\nX-Trailer: 1\r\n\r\n",
     {"POST /a 1 a"}},
    {"pipelined",
     "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhiGET /b HTTP/1.1\r\n"
     "Host: x\r\n\r\nPOST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
     "2\r\nho\r\n0\r\n\r\nGET /d HTTP/1.1\r\nHost: x\r\n\r\n",
     {"POST /a 2 hi", "GET /b 0 ", "POST /c 2 ho", "GET /d 0 "}},
    {"RFC 9112, 2.2: line breaks before a request",
     "\r\n\r\nGET /a HTTP/1.1\r\nHost: x\r\n\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n",
     {"GET /a 0 ", "GET /b 0 "}},
    {"HTTP/1.0 needs no Host", "GET /a HTTP/1.0\r\n\r\n", {"GET /a 0 "}},
    {"RFC 9110, 2.5: a minor version to come",
     "GET /a HTTP/1.2\r\nHost: x\r\n\r\n",
     {"GET /a 0 "}},
    {"the last one there can be",
     "POST /a HTTP/1.9\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n0"
     "\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n",
     {"POST /a 2 he", "GET /b 0 "}},
    {"it needs a Host as HTTP/1.1 does", "GET /a HTTP/1.2\r\n\r\n", {"400"}},
    {"no such minor version", "GET /a HTTP/1.:\r\nHost: x\r\n\r\n", {"505"}},
    {"one of two digits", "GET /a HTTP/1.12\r\nHost: x\r\n\r\n", {"505"}},
    {"not whole", "GET /a HTTP/1.1\r\nHost: x\r\n", {"more"}},
    {"a body that is not whole",
     "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhell",
     {"more"}},

    // Two servers that read these in two ways let a request be smuggled past the first.
    {"Content-Length and chunks",
     "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n"
     "\r\n0\r\n\r\n",
     {"400"}},
    {"chunks and Content-Length",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n"
     "\r\n0\r\n\r\n",
     {"400"}},
    {"an unknown encoding and Content-Length",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: x\r\nContent-Length: "
     "5\r\n\r\nhello",
     {"400"}},
    {"Content-Length twice",
     "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
     {"400"}},
    {"Content-Length twice, not the same",
     "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 0\r\n\r\nhello",
     {"400"}},
    {"Content-Length as a list",
     "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5, 5\r\n\r\nhello",
     {"400"}},
    {"Content-Length with a sign",
     "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\nhello",
     {"400"}},
    {"Content-Length in hexadecimal",
     "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x5\r\n\r\nhello",
     {"400"}},
    {"Content-Length above 64 bits",
     "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 18446744073709551617\r\n\r\nh",
     {"400"}},
    {"Content-Length without a number",
     "POST / HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\r\n",
     {"400"}},
    {"a blank before the colon",
     "POST / HTTP/1.1\r\nHost: x\r\nContent-Length : 5\r\n\r\nhello",
     {"400"}},
    {"an encoding that is not chunked",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
     {"501"}},
    {"chunked is not the last encoding",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
     {"501"}},
    {"nearly chunked",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
     {"501"}},
    {"chunked twice",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
     "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     {"400"}},
    {"chunked behind another encoding",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\n"
     "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     {"400"}},
    {"chunks and HTTP/1.0",
     "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     {"400"}},
    {"a folded line", "GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n", {"400"}},
    {"a line folded with a tab",
     "GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n\tchunked\r\n\r\n",
     {"400"}},
    {"a bare LF ends no line",
     "GET / HTTP/1.1\r\nHost: x\nContent-Length: 5\r\n\r\n",
     {"400"}},
    {"a bare CR", "GET / HTTP/1.1\r\nHost: x\rY: z\r\n\r\n", {"400"}},
    {"NUL in a value", "GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n"s, {"400"}},
    {"two hosts", "GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n", {"400"}},
    {"no host", "GET / HTTP/1.1\r\n\r\n", {"400"}},
    {"RFC 9112, 3.2: hosts",
     "GET /a HTTP/1.1\r\nHost: firm.example:8080\r\n\r\n"
     "GET /b HTTP/1.1\r\nHost: [2001:db8::1]:443\r\n\r\n"
     "GET /c HTTP/1.1\r\nHost: a_b%2D.example:\r\n\r\n"
     "GET /d HTTP/1.1\r\nHost:\r\n\r\n"
     "GET /e HTTP/1.0\r\nHost: 192.0.2.1\r\n\r\n",
     {"GET /a 0 ", "GET /b 0 ", "GET /c 0 ", "GET /d 0 ", "GET /e 0 "}},
    {"a host that is none", "GET / HTTP/1.1\r\nHost: a b/c\r\n\r\n", {"400"}},
    {"a host with a user", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", {"400"}},
    {"a host that is not ASCII", "GET / HTTP/1.1\r\nHost: \xc3\xa4\r\n\r\n", {"400"}},
    {"a list of hosts as one", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", {"400"}},
    {"a port that is none", "GET / HTTP/1.1\r\nHost: a:8o\r\n\r\n", {"400"}},
    {"two ports", "GET / HTTP/1.1\r\nHost: a:1:2\r\n\r\n", {"400"}},
    {"an address without its bracket", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", {"400"}},
    {"text behind the bracket", "GET / HTTP/1.1\r\nHost: [::1]a\r\n\r\n", {"400"}},
    {"a percent that codes nothing", "GET / HTTP/1.1\r\nHost: a%2\r\n\r\n", {"400"}},
    {"a host that is none, of HTTP/1.0", "GET / HTTP/1.0\r\nHost: a/b\r\n\r\n", {"400"}},
    {"a bare LF in a chunk extension",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
     "1;x=\"\n\"\r\na\r\n0\r\n\r\n",
     {"400"}},
    {"a chunk longer than it says",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
     "chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
     {"400"}},
    {"a chunk size that is none",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
     "chunked\r\n\r\n-1\r\na\r\n0\r\n\r\n",
     {"400"}},
    {"Content-Length in a trailer",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
     "0\r\nContent-Length: 5\r\n\r\n",
     {"400"}},

    // Limits.
    {"a body at the limit",
     "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n01234567890123456789",
     {"POST / 20 01234567890123456789"}},
    {"a body above it",
     "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 21\r\n\r\n",
     {"413"}},
    {"chunks at the limit",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
     "a\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n",
     {"POST / 20 01234567890123456789"}},
    {"chunks above it",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
     "a\r\n0123456789\r\nb\r\n",
     {"413"}},
    {"a chunk of 2^64-1 bytes",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
     "1\r\na\r\nffffffffffffffff\r\n",
     {"413"}},
    {"a header without end", "GET /" + std::string(300, 'a'), {"431"}},
    {"headers without end", "GET / HTTP/1.1\r\nX: " + std::string(300, 'a'), {"431"}},
    {"line breaks without end", LineBreaks(100), {"431"}},
    {"a chunk extension without end",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;" +
         std::string(300, 'a'),
     {"431"}},
    {"a trailer without end",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: " +
         std::string(300, 'a'),
     {"431"}},

    {"a trailer above the limit, with an end",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: " +
         std::string(300, 'a') + "\r\n\r\n",
     {"431"}},
    {"a long trailer behind a chunk that is none",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0;a=\"\r\nX: " +
         std::string(300, 'a') + "\r\n\r\n",
     {"431"}},
    {"a chunk extension above the limit, with an end",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;" +
         std::string(300, 'a') + "\r\na\r\n0\r\n\r\n",
     {"431"}},

    // What is no request.
    {"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {"505"}},
    {"HTTP/0.9", "GET /\r\n\r\n", {"400"}},
    {"a TLS handshake", "\x16\x03\x01\x02\r\n\r\n", {"400"}},
    {"SMTP", "EHLO sender.example\r\n\r\n", {"400"}},
    {"a target that is not ASCII", "GET /\xc3\xa4 HTTP/1.1\r\nHost: x\r\n\r\n", {"400"}},
    {"an expectation of something else",
     "POST / HTTP/1.1\r\nHost: x\r\nExpect: money\r\nContent-Length: 1\r\n\r\na",
     {"417"}},
};

TEST(HttpReader, Table) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(ReadAll({row.bytes}), row.want);
  }
}

// However TCP cuts the bytes, the requests are the same.
TEST(HttpReader, EveryCut) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    for (std::size_t cut = 1; cut < row.bytes.size(); ++cut) {
      SCOPED_TRACE(cut);
      EXPECT_EQ(ReadAll({row.bytes.substr(0, cut), row.bytes.substr(cut)}), row.want);
    }
    std::vector<std::string> single_bytes;
    for (const char c : row.bytes) single_bytes.emplace_back(1, c);
    EXPECT_EQ(ReadAll(single_bytes), row.want);
  }
}

// Pieces of HTTP in a random order, cut at random: the reader survives, and every cut of
// them gives the same.
TEST(HttpReader, RandomTalk) {
  const std::string pieces[] = {
      "POST /a HTTP/1.1\r\n",
      "GET /b HTTP/1.0\r\n",
      "Host: x\r\n",
      "Content-Length: 5\r\n",
      "Transfer-Encoding: chunked\r\n",
      "Expect: 100-continue\r\n",
      "X: y\r\n",
      "\r\n",
      "0\r\n\r\n",
      "5\r\nhello\r\n",
      "a;b=c\r\n",
      "hello",
      "0",
      "\r",
      "\n",
      " ",
      ":",
      "\0\xff"s,
      std::string(30, 'f'),
  };
  constexpr int kTalks = 20000;
  std::mt19937 random(9112);  // the same talks every time
  const auto below = [&](std::size_t n) { return random() % n; };
  std::size_t whole_requests = 0;
  for (int talk = 0; talk < kTalks; ++talk) {
    SCOPED_TRACE(talk);
    // Most talks start well, or few would get as far as a body.
    std::string input;
    if (below(4) != 0) input = pieces[0] + pieces[2] + pieces[below(2) + 3] + pieces[7];
    for (std::size_t n = below(12); n > 0; --n) input += pieces[below(std::size(pieces))];
    // A chunk's header that comes in pieces is looked at from its fifth byte on, so a bad
    // one may be known a little later: end with bytes that decide nothing themselves,
    // more of them than a body may have.
    input += std::string(30, 'z');

    const std::vector<std::string> want = ReadAll({input});
    std::vector<std::string> cut;
    for (std::string_view rest = input; !rest.empty();) {
      const std::size_t size = std::min<std::size_t>(rest.size(), 1 + below(12));
      cut.emplace_back(rest.substr(0, size));
      rest.remove_prefix(size);
    }
    ASSERT_EQ(ReadAll(cut), want) << testing::PrintToString(cut);
    for (const std::string& outcome : want) {
      whole_requests += outcome.find(' ') != outcome.npos;
    }
  }
  EXPECT_GT(whole_requests, 1000u);  // or the talks prove nothing
}

TEST(HttpReader, KeepsHeadersAsSent) {
  HttpReader reader(kLimits);
  reader.Feed("GET /a?b=c HTTP/1.1\r\nHost: x\r\nX-A:  1 2 \t\r\nx-a: 3\r\nX-B:\r\n\r\n");
  ASSERT_EQ(reader.state(), State::kHeadDone);
  const HttpRequest& request = reader.request();
  ASSERT_EQ(request.headers.size(), 4u);
  EXPECT_EQ(request.headers[1].first, "X-A");
  EXPECT_EQ(request.headers[1].second, "1 2");
  EXPECT_EQ(request.Header("x-A"), "1 2");
  EXPECT_EQ(request.Header("X-C"), "");
  EXPECT_TRUE(request.HasHeader("x-b"));
  EXPECT_FALSE(request.HasHeader("x-c"));
}

struct TargetRow {
  const char* target;
  const char* path;
  const char* query;
};

TEST(HttpRequest, PathAndQuery) {
  const TargetRow rows[] = {
      {"/", "/", ""},
      {"/a/b?c=d&e=?", "/a/b", "c=d&e=?"},
      {"/a?", "/a", ""},
      {"http://firm.example:80/a?b", "/a", "b"},
      {"http://firm.example", "/", ""},
      {"/a?u=http://x/", "/a", "u=http://x/"},
      {"*", "*", ""},
  };
  for (const TargetRow& row : rows) {
    SCOPED_TRACE(row.target);
    HttpRequest request;
    request.target = row.target;
    EXPECT_EQ(request.Path(), row.path);
    EXPECT_EQ(request.Query(), row.query);
  }
}

struct KeepRow {
  const char* why;
  const char* head;
  bool keep;
};

TEST(HttpReader, KeepAlive) {
  const KeepRow rows[] = {
      {"HTTP/1.1 keeps", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", true},
      {"unless told not to", "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
       false},
      {"HTTP/1.0 does not", "GET / HTTP/1.0\r\n\r\n", false},
      {"unless told to", "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
  };
  for (const KeepRow& row : rows) {
    SCOPED_TRACE(row.why);
    HttpReader reader(kLimits);
    reader.Feed(row.head);
    ASSERT_EQ(reader.state(), State::kHeadDone);
    EXPECT_EQ(reader.KeepAlive(), row.keep);
  }
}

}  // namespace
}  // namespace tlsrpt::net
