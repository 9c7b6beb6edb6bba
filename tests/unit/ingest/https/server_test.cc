// The intake with real sockets and TLS. What a request is, is tested in base/net; what
// becomes of one in post_test.cc; here it is when the sink is asked and answered.
#include "ingest/https/server.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <utility>

#include "tests/support/http_client.h"
#include "tests/support/spooled.h"
#include "tests/support/temp_dir.h"

namespace tlsrpt::ingest {
namespace {

using namespace std::chrono_literals;
using test::HttpAnswer;
using test::HttpClient;
using test::Spooled;

class FixedClock final : public Clock {
 public:
  TimePoint Now() const override { return TimePoint(1'700'000'000s); }
};

class HttpsServerTest : public testing::Test {
 protected:
  HttpsServerTest() {
    const test::TempDir folder;
    auto tls = net::LoadOrMakeSelfSigned(folder.path(), "mx.firm.example", SystemClock());
    EXPECT_TRUE(tls);
    options_.tls = *tls;
    options_.max_body_bytes = 1u << 20;
    parts_.clock = &clock_;
    parts_.sink = spooled_.Sink();
  }

  void Start() {
    auto started = HttpsServer::Start(options_, settings_, parts_);
    ASSERT_TRUE(started) << started.error().message;
    server_ = std::move(*started);
  }

  FixedClock clock_;
  Spooled spooled_;
  net::HttpServerOptions options_;
  PostSettings settings_;
  HttpsServerParts parts_;
  std::unique_ptr<HttpsServer> server_;
};

std::string Post(const std::string& body, const std::string& headers = "") {
  return "POST /v1/tlsrpt HTTP/1.1\r\nHost: x\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

// A client that has its handshake behind it.
struct TlsClient : HttpClient {
  explicit TlsClient(std::uint16_t port) : HttpClient(port) { EXPECT_TRUE(StartTls()); }
};

TEST_F(HttpsServerTest, APostBecomesASpoolEntry) {
  Start();
  TlsClient client(server_->Port());
  const HttpAnswer answer = client.Say(Post("{\"a\":1}"));
  const SpoolEntry entry = spooled_.Entry(0);
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer.body, "{\"receipt_id\":\"" + entry.receipt_id.ToString() + "\"}\n");
  EXPECT_EQ(TimeOf(entry.receipt_id), clock_.Now());
  EXPECT_EQ(entry.transport, "https");
  EXPECT_EQ(entry.peer, "127.0.0.1:" + std::to_string(client.local_port()));
  EXPECT_EQ(entry.tls, "TLSv1.3");
  EXPECT_EQ(entry.body, "{\"a\":1}");
  EXPECT_FALSE(entry.peer_trusted);
  EXPECT_EQ(server_->counters().accepted, 1u);
  EXPECT_EQ(server_->counters().bytes_accepted, 7u);
  EXPECT_EQ(server_->counters().trusted, 0u);
}

// The promise: no 2xx before the entry is durable.
TEST_F(HttpsServerTest, AnswersWhenTheEntryIsDurable) {
  spooled_.AnswerAtOnce(false);
  Start();
  TlsClient client(server_->Port());
  client.Send(Post("{}"));
  spooled_.Entry(0);
  EXPECT_EQ(server_->counters().accepted, 0u);
  std::thread([this] { spooled_.Answer({}); }).join();
  EXPECT_EQ(client.Read().status, 202);
  EXPECT_EQ(server_->counters().accepted, 1u);
}

TEST_F(HttpsServerTest, TheSpoolSaysNo) {
  spooled_.AnswerAtOnce(false);
  Start();
  TlsClient client(server_->Port());
  client.Send(Post("{}"));
  spooled_.Entry(0);
  spooled_.Answer(Error{ErrorKind::kUnavailable, "disk full"});
  const HttpAnswer answer = client.Read();
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.Header("Retry-After"), "300");
  EXPECT_EQ(answer.Header("Content-Type"), "application/problem+json");
  EXPECT_EQ(server_->counters().refused_count(PostRefusal::kNotDurable), 1u);
  EXPECT_EQ(server_->counters().accepted, 0u);
}

// A sender that asks first need not send its body.
TEST_F(HttpsServerTest, NoRoom) {
  settings_.has_room = [](std::uint64_t bytes) -> Result<void> {
    if (bytes < 100) return {};
    return Error{ErrorKind::kUnavailable, "quota"};
  };
  Start();
  TlsClient client(server_->Port());
  EXPECT_EQ(client.Say(Post("{}")).status, 202);
  const HttpAnswer answer = client.Say(
      "POST /v1/tlsrpt HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
      "Content-Length: 100\r\n\r\n");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.Header("Retry-After"), "300");
  EXPECT_EQ(server_->counters().refused_count(PostRefusal::kNoRoom), 1u);
  EXPECT_EQ(spooled_.count(), 1u);
}

TEST_F(HttpsServerTest, Refusals) {
  Start();
  struct Row {
    const char* why;
    std::string request;
    int status;
    PostRefusal reason;
  };
  const Row rows[] = {
      {"empty", Post(""), 400, PostRefusal::kEmpty},
      {"no length is empty", "POST /v1/tlsrpt HTTP/1.1\r\nHost: x\r\n\r\n", 400,
       PostRefusal::kEmpty},
      {"no report", Post("hello"), 415, PostRefusal::kUnknownForm},
      {"another path", "POST / HTTP/1.1\r\nHost: x\r\n\r\n", 404,
       PostRefusal::kWrongPath},
      {"a browser", "GET /v1/tlsrpt HTTP/1.1\r\nHost: x\r\n\r\n", 405,
       PostRefusal::kWrongMethod},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    TlsClient client(server_->Port());
    const std::uint64_t before = server_->counters().refused_count(row.reason);
    const HttpAnswer answer = client.Say(row.request);
    EXPECT_EQ(answer.status, row.status);
    EXPECT_EQ(answer.Header("Content-Type"), "application/problem+json");
    EXPECT_EQ(server_->counters().refused_count(row.reason), before + 1);
  }
  EXPECT_EQ(spooled_.count(), 0u);
}

TEST_F(HttpsServerTest, TooLarge) {
  Start();
  TlsClient client(server_->Port());
  EXPECT_EQ(client.Say(Post(std::string((1u << 20) + 1, '{'))).status, 413);
  EXPECT_EQ(server_->http_counters().bad_requests, 1u);
  EXPECT_EQ(spooled_.count(), 0u);
}

// Nor when there is no room: it would come again all day.
TEST_F(HttpsServerTest, TooLargeIsForEver) {
  settings_.has_room = [](std::uint64_t) -> Result<void> {
    return Error{ErrorKind::kUnavailable, "quota"};
  };
  Start();
  TlsClient client(server_->Port());
  EXPECT_EQ(client
                .Say("POST /v1/tlsrpt HTTP/1.1\r\nHost: x\r\n"
                     "Content-Length: 99999999999\r\n\r\n")
                .status,
            413);
}

TEST_F(HttpsServerTest, TrustIsDecidedAtReceipt) {
  settings_.trusted_networks = {*net::ParseNetwork("127.0.0.0/8")};
  Start();
  TlsClient client(server_->Port());
  EXPECT_EQ(client.Say(Post("{}")).status, 202);
  EXPECT_TRUE(spooled_.Entry(0).peer_trusted);
  EXPECT_EQ(client.Say(Post("{}", "X-Forwarded-For: 127.0.0.1\r\n")).status, 202);
  EXPECT_FALSE(spooled_.Entry(1).peer_trusted);
  EXPECT_EQ(server_->counters().trusted, 1u);
}

TEST_F(HttpsServerTest, StopLetsAPostInHandEnd) {
  spooled_.AnswerAtOnce(false);
  Start();
  TlsClient client(server_->Port());
  client.Send(Post("{}"));
  spooled_.Entry(0);
  std::thread stop([this] { server_->Stop(); });
  spooled_.Answer({});
  EXPECT_EQ(client.Read().status, 202);
  stop.join();
}

// The spool may end after the server.
TEST_F(HttpsServerTest, AnAnswerAfterTheEnd) {
  spooled_.AnswerAtOnce(false);
  options_.stop_timeout = 10ms;
  Start();
  TlsClient client(server_->Port());
  client.Send(Post("{}"));
  spooled_.Entry(0);
  server_.reset();
  EXPECT_EQ(client.Read().status, 503);
  spooled_.Answer({});
}

TEST_F(HttpsServerTest, WhatCannotStart) {
  settings_.path = "no/slash";
  EXPECT_FALSE(HttpsServer::Start(options_, settings_, parts_));
  settings_.path = kDefaultPostPath;
  options_.tls = nullptr;
  EXPECT_FALSE(HttpsServer::Start(options_, settings_, parts_));
}

}  // namespace
}  // namespace tlsrpt::ingest
