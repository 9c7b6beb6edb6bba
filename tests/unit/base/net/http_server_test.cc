// The server with real sockets on loopback. What a request is, is tested in
// http_reader_test.cc; here it is what a socket, a clock and another thread add.
#include "base/net/http_server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/net/http_problem.h"
#include "tests/support/http_client.h"
#include "tests/support/temp_dir.h"

namespace tlsrpt::net {
namespace {

using namespace std::chrono_literals;
using test::HttpAnswer;
using test::HttpClient;

class FixedClock final : public Clock {
 public:
  TimePoint Now() const override { return TimePoint(784'111'777s); }
};

// A handler that a test opens and shuts: requests wait in it until they are answered.
class Desk {
 public:
  HttpHandler Handler() {
    return [this](HttpRequest request, HttpReply reply) {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
      if (answer_at_once_) {
        reply({200, {{"X-Target", request.target}}, request.method + ' ' + request.body});
      } else {
        waiting_.push_back(std::move(reply));
      }
      arrived_.notify_all();
    };
  }

  void AnswerAtOnce(bool at_once) {
    const std::lock_guard lock(mutex_);
    answer_at_once_ = at_once;
  }

  // Waits for the request with this number, from 0.
  HttpRequest Request(std::size_t number) {
    std::unique_lock lock(mutex_);
    const bool there =
        arrived_.wait_for(lock, 60s, [&] { return requests_.size() > number; });
    EXPECT_TRUE(there) << "no request in time";
    return there ? requests_[number] : HttpRequest{};
  }

  void Answer(const HttpResponse& response) {
    std::vector<HttpReply> waiting;
    {
      const std::lock_guard lock(mutex_);
      waiting.swap(waiting_);
    }
    for (const HttpReply& reply : waiting) reply(response);
  }

  std::size_t count() {
    const std::lock_guard lock(mutex_);
    return requests_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<HttpRequest> requests_;
  std::vector<HttpReply> waiting_;
  bool answer_at_once_ = true;
};

class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest() {
    options_.max_body_bytes = 1u << 20;
    parts_.handler = desk_.Handler();
    parts_.clock = &clock_;
  }

  void Start() {
    auto started = HttpServer::Start(options_, parts_);
    ASSERT_TRUE(started) << started.error().message;
    server_ = std::move(*started);
  }

  static std::shared_ptr<const TlsContext> SelfSigned() {
    const test::TempDir folder;
    auto tls = LoadOrMakeSelfSigned(folder.path(), "mx.firm.example", SystemClock());
    EXPECT_TRUE(tls);
    return *tls;
  }

  FixedClock clock_;
  Desk desk_;
  HttpServerOptions options_;
  HttpServerParts parts_;
  std::unique_ptr<HttpServer> server_;
};

std::string Post(const std::string& body, const std::string& headers = "") {
  return "POST /v1/tlsrpt HTTP/1.1\r\nHost: x\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

constexpr const char* kGet = "GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n";

// A client at another address than all the others: it sends what it is given.
class OtherClient {
 public:
  OtherClient(std::uint16_t port, const std::string& request)
      : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    inet_pton(AF_INET, "127.0.0.2", &address.sin_addr);
    const auto* generic = reinterpret_cast<const sockaddr*>(&address);
    EXPECT_EQ(bind(fd_, generic, sizeof address), 0);
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(fd_, generic, sizeof address), 0);
    EXPECT_EQ(send(fd_, request.data(), request.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(request.size()));
  }
  ~OtherClient() { close(fd_); }
  OtherClient(const OtherClient&) = delete;
  OtherClient& operator=(const OtherClient&) = delete;

 private:
  const int fd_;
};

TEST_F(HttpServerTest, ARequestReachesTheHandler) {
  Start();
  HttpClient client(server_->Port());
  const HttpAnswer answer = client.Say(Post("hello", "X-A: 1\r\n"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "POST hello");
  EXPECT_EQ(answer.Header("X-Target"), "/v1/tlsrpt");
  EXPECT_EQ(answer.Header("Date"), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(answer.Header("Connection"), "");

  const HttpRequest request = desk_.Request(0);
  EXPECT_EQ(request.peer.ToString(), "127.0.0.1:" + std::to_string(client.local_port()));
  EXPECT_FALSE(request.tls);
  EXPECT_EQ(request.Header("x-a"), "1");
}

TEST_F(HttpServerTest, KeepsTheConnection) {
  Start();
  HttpClient client(server_->Port());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.Say(Post("a")).body, "POST a");
  EXPECT_EQ(server_->counters().connections, 1u);
}

TEST_F(HttpServerTest, ClosesWhenAsked) {
  Start();
  HttpClient client(server_->Port());
  const HttpAnswer answer = client.Say(Post("a", "Connection: close\r\n"));
  EXPECT_EQ(answer.body, "POST a");
  EXPECT_EQ(answer.Header("Connection"), "close");
  EXPECT_TRUE(client.AtEnd());
}

TEST_F(HttpServerTest, AnswersPipelinedRequestsInTurn) {
  desk_.AnswerAtOnce(false);
  Start();
  HttpClient client(server_->Port());
  client.Send(Post("1") + Post("2") + kGet);
  for (std::size_t i = 0; i < 3; ++i) {
    desk_.Request(i);
    EXPECT_EQ(desk_.count(), i + 1);  // not before the one before it was answered
    desk_.Answer({200, {}, std::to_string(i)});
    EXPECT_EQ(client.Read().body, std::to_string(i));
  }
}

// Many at once, larger than one read in all: what was read ahead is not lost.
TEST_F(HttpServerTest, ManyPipelinedRequests) {
  Start();
  HttpClient client(server_->Port());
  const std::string body(3000, 'a');
  std::string bytes;
  for (int i = 0; i < 50; ++i) bytes += Post(body + std::to_string(i));
  client.Send(bytes);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(client.Read().body, "POST " + body + std::to_string(i));
  }
}

TEST_F(HttpServerTest, OverTls) {
  options_.tls = SelfSigned();
  Start();
  HttpClient client(server_->Port());
  ASSERT_TRUE(client.StartTls());
  const std::string body(100'000, 'a');
  EXPECT_EQ(client.Say(Post(body)).body, "POST " + body);
  EXPECT_EQ(client.Say(kGet).body, "GET ");
  EXPECT_TRUE(desk_.Request(0).tls);
}

TEST_F(HttpServerTest, PlainTextToTls) {
  options_.tls = SelfSigned();
  Start();
  HttpClient client(server_->Port());
  client.Send(kGet);
  EXPECT_EQ(client.Read().status, 0);
  while (server_->counters().tls_failures == 0) std::this_thread::yield();
  EXPECT_EQ(desk_.count(), 0u);
}

TEST_F(HttpServerTest, ACertificateIsRenewed) {
  options_.tls = SelfSigned();
  Start();
  HttpClient before(server_->Port());
  ASSERT_TRUE(before.StartTls());
  server_->SetTls(SelfSigned());
  HttpClient after(server_->Port());
  ASSERT_TRUE(after.StartTls());
  EXPECT_EQ(before.Say(kGet).status, 200);
  EXPECT_EQ(after.Say(kGet).status, 200);
}

TEST_F(HttpServerTest, HeadHasNoBody) {
  Start();
  HttpClient client(server_->Port());
  client.Send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n");
  const HttpAnswer answer = client.Read(true);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Header("Content-Length"), "5");  // "HEAD "
  EXPECT_EQ(client.Say(kGet).body, "GET ");
}

TEST_F(HttpServerTest, ChunksAreJoined) {
  Start();
  HttpClient client(server_->Port());
  const HttpAnswer answer = client.Say(
      "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n");
  EXPECT_EQ(answer.body, "POST hello");
}

// curl does so with each body of more than a megabyte.
TEST_F(HttpServerTest, TellsTheClientToContinue) {
  Start();
  HttpClient client(server_->Port());
  const std::string head = "POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n";
  EXPECT_EQ(client.Say(head + "Content-Length: 5\r\n\r\n").status, 100);
  EXPECT_EQ(client.Say("hello").body, "POST hello");
  // Who does not wait is not told.
  EXPECT_EQ(client.Say(head + "Content-Length: 5\r\n\r\nhello").body, "POST hello");
  // Nothing to wait for.
  EXPECT_EQ(client.Say(head + "Content-Length: 0\r\n\r\n").body, "POST ");
}

TEST_F(HttpServerTest, TheHeadIsLookedAtFirst) {
  parts_.head_check = [](const HttpRequest& head) -> std::optional<HttpResponse> {
    EXPECT_EQ(head.body, "");
    EXPECT_NE(head.peer.port, 0);
    if (head.target == "/v1/tlsrpt") return std::nullopt;
    return Problem(404, "no such path");
  };
  Start();
  HttpClient client(server_->Port());
  EXPECT_EQ(client.Say(Post("a")).status, 200);
  const HttpAnswer answer = client.Say(
      "POST /x HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.Header("Content-Type"), "application/problem+json");
  EXPECT_EQ(answer.Header("Connection"), "close");
  EXPECT_EQ(desk_.count(), 1u);
}

TEST_F(HttpServerTest, ABodyAboveTheLimit) {
  Start();
  HttpClient client(server_->Port());
  const HttpAnswer answer = client.Say(
      "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
      "Content-Length: 1048577\r\n\r\n");
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(answer.Header("Connection"), "close");
  EXPECT_EQ(desk_.count(), 0u);
}

// A client that sends before it listens: it gets the refusal, not a reset.
TEST_F(HttpServerTest, ARefusalIsReadBehindALargeBody) {
  Start();
  HttpClient client(server_->Port());
  EXPECT_EQ(client.Say(Post(std::string(8u << 20, 'a'))).status, 413);
  HttpClient in_chunks(server_->Port());
  in_chunks.Send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 20; ++i) {
    in_chunks.Send("20000\r\n" + std::string(0x20000, 'a') + "\r\n");
  }
  EXPECT_EQ(in_chunks.Read().status, 413);
  EXPECT_EQ(desk_.count(), 0u);
  EXPECT_EQ(server_->counters().bad_requests, 2u);
}

// What is refused by its head, before the length of its body is looked at, is no other.
TEST_F(HttpServerTest, ABadHeadIsAnsweredBehindALargeBody) {
  Start();
  const std::string body(8u << 20, 'a');
  const std::string length = "Content-Length: " + std::to_string(body.size()) + "\r\n";
  struct Row {
    const char* why;
    std::string head;
    int status;
  };
  const Row rows[] = {
      {"no such expectation", "POST / HTTP/1.1\r\nHost: x\r\nExpect: money\r\n" + length,
       417},
      {"no such encoding", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: x\r\n", 501},
      {"no Host", "POST / HTTP/1.1\r\n" + length, 400},
      {"two lengths", "POST / HTTP/1.1\r\nHost: x\r\n" + length + length, 400},
      {"folded", "POST / HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n" + length, 400},
      {"no such version", "POST / HTTP/2.0\r\nHost: x\r\n" + length, 505},
      {"too large a head",
       "POST / HTTP/1.1\r\nHost: x\r\nX: " + std::string(100'000, 'a') + "\r\n" + length,
       431},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    HttpClient client(server_->Port());
    client.Send(row.head + "\r\n" + body);
    EXPECT_EQ(client.Read().status, row.status);
    client.CloseSending();
    EXPECT_FALSE(client.WasReset());
  }
}

TEST_F(HttpServerTest, ABadHead) {
  Start();
  HttpClient client(server_->Port());
  const HttpAnswer answer = client.Say("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(answer.status, 400);
  EXPECT_NE(answer.body.find("\"detail\":\"there must be one Host header\""),
            std::string::npos);
  EXPECT_TRUE(client.AtEnd());
}

// --- who takes too long

TEST_F(HttpServerTest, ASlowHead) {
  options_.head_timeout = 50ms;
  Start();
  HttpClient client(server_->Port());
  EXPECT_EQ(client.Say("GET / HTTP/1.1\r\n").status, 408);
  EXPECT_TRUE(client.AtEnd());
}

TEST_F(HttpServerTest, ASlowBody) {
  options_.body_timeout = 50ms;
  Start();
  HttpClient client(server_->Port());
  EXPECT_EQ(
      client.Say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe").status,
      408);
  EXPECT_EQ(desk_.count(), 0u);
}

// Each byte in time, the head not: a deadline is not pushed by trickling.
TEST_F(HttpServerTest, ATrickle) {
  options_.head_timeout = 200ms;
  Start();
  HttpClient client(server_->Port());
  std::thread trickle([&client] {
    for (int i = 0; i < 100; ++i) {
      client.Send("G");
      std::this_thread::sleep_for(10ms);
    }
  });
  EXPECT_EQ(client.Read().status, 408);
  trickle.join();
}

TEST_F(HttpServerTest, AnIdleConnectionIsClosedWithoutAWord) {
  options_.idle_timeout = 50ms;
  Start();
  HttpClient client(server_->Port());
  EXPECT_EQ(client.Read().status, 0);
  // A machine that stands still for so long has an idle client, rightly; then once more.
  for (int attempt = 0;; ++attempt) {
    HttpClient kept(server_->Port());
    const int status = kept.Say(kGet).status;
    if (status == 0 && attempt < 10) continue;
    EXPECT_EQ(status, 200);
    EXPECT_EQ(kept.Read().status, 0);
    break;
  }
}

TEST_F(HttpServerTest, ASlowHandshake) {
  options_.tls = SelfSigned();
  options_.handshake_timeout = 50ms;
  Start();
  HttpClient client(server_->Port());
  EXPECT_TRUE(client.AtEnd());
  EXPECT_EQ(server_->counters().tls_failures, 1u);
}

TEST_F(HttpServerTest, AHandlerThatDoesNotAnswer) {
  desk_.AnswerAtOnce(false);
  options_.reply_timeout = 50ms;
  Start();
  HttpClient client(server_->Port());
  EXPECT_EQ(client.Say(kGet).status, 500);
  EXPECT_EQ(server_->counters().late_replies, 1u);
  desk_.Answer({200, {}, "too late"});  // goes nowhere
  desk_.AnswerAtOnce(true);
  EXPECT_EQ(client.Say(kGet).body, "GET ");
}

TEST_F(HttpServerTest, AHandlerThatThrows) {
  parts_.handler = [](HttpRequest, const HttpReply&) {
    throw std::runtime_error("a bug");
  };
  Start();
  HttpClient client(server_->Port());
  const HttpAnswer answer = client.Say(kGet);
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body.find("a bug"), std::string::npos);
}

// --- limits

TEST_F(HttpServerTest, TooManyConnections) {
  options_.max_connections_per_peer = 1;
  Start();
  HttpClient first(server_->Port());
  EXPECT_EQ(first.Say(kGet).status, 200);
  HttpClient second(server_->Port());
  const HttpAnswer answer = second.Read();
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.Header("Retry-After"), "30");
  EXPECT_EQ(first.Say(kGet).status, 200);
}

// Who holds the places of all gives them up when they run short, and others come in.
TEST_F(HttpServerTest, SilentClientsAreNotWaitedForInACrowd) {
  options_.max_connections = 8;
  options_.crowded_timeout = 200ms;
  Start();
  std::vector<std::unique_ptr<HttpClient>> silent;
  for (int i = 0; i < 6; ++i) {
    silent.push_back(std::make_unique<HttpClient>(server_->Port()));
  }
  silent[1]->Send("GET /slow HTTP/1.1\r\n");
  EXPECT_EQ(silent[0]->Say(kGet).status, 200);
  EXPECT_EQ(server_->counters().bad_requests, 0u) << "three quarters are no crowd";

  silent.push_back(std::make_unique<HttpClient>(server_->Port()));
  EXPECT_EQ(silent[1]->Read().status, 408) << "begun, and silent since";
  for (const auto& client : silent) EXPECT_TRUE(client->AtEnd());
  HttpClient another(server_->Port());
  EXPECT_EQ(another.Say(kGet).status, 200);
}

TEST_F(HttpServerTest, ATrickledHeadEndsSoonerInACrowd) {
  options_.max_connections = 1;  // is a crowd
  options_.crowded_timeout = 200ms;
  Start();
  HttpClient client(server_->Port());
  const auto start = std::chrono::steady_clock::now();
  while (server_->counters().bad_requests == 0 &&
         std::chrono::steady_clock::now() < start + 10s) {
    client.Send("G");
    std::this_thread::sleep_for(10ms);
  }
  EXPECT_LT(std::chrono::steady_clock::now(), start + 10s);
  EXPECT_EQ(client.Read().status, 408);
}

TEST_F(HttpServerTest, NoConnectionIsKeptInACrowd) {
  options_.max_connections = 4;
  Start();
  HttpClient client(server_->Port());
  EXPECT_EQ(client.Say(kGet).Header("Connection"), "");
  HttpClient second(server_->Port()), third(server_->Port());
  EXPECT_EQ(third.Say(kGet).Header("Connection"), "") << "three quarters are no crowd";
  HttpClient fourth(server_->Port());
  const HttpAnswer answer = fourth.Say(kGet);
  EXPECT_EQ(answer.body, "GET ");
  EXPECT_EQ(answer.Header("Connection"), "close");
  EXPECT_TRUE(fourth.AtEnd());
}

// Who does not read its answer holds a place as well.
TEST_F(HttpServerTest, WhoDoesNotReadIsNotWaitedForInACrowd) {
  options_.max_connections = 8;
  options_.crowded_timeout = 100ms;
  parts_.handler = [](const HttpRequest&, const HttpReply& reply) {
    reply({200, {}, std::string(16u << 20, 'x')});  // no socket takes as much
  };
  Start();
  std::vector<std::unique_ptr<HttpClient>> silent;
  for (int i = 0; i < 7; ++i) {
    silent.push_back(std::make_unique<HttpClient>(server_->Port()));
    silent.back()->Send(kGet);
  }
  const auto end = std::chrono::steady_clock::now() + 30s;
  while (server_->counters().connections < silent.size() ||
         server_->counters().open_connections != 0) {
    ASSERT_LT(std::chrono::steady_clock::now(), end);
    std::this_thread::yield();
  }
}

// One peer with many connections takes no more than its share; others are served.
TEST_F(HttpServerTest, TooManyBodiesOfOnePeer) {
  desk_.AnswerAtOnce(false);
  options_.max_held_bytes = 4000;
  options_.max_header_bytes = 200;
  options_.max_body_bytes = 800;
  Start();
  HttpClient holds(server_->Port());
  holds.Send(Post(std::string(600, 'a')));
  desk_.Request(0);
  HttpClient declared(server_->Port());
  EXPECT_EQ(declared.Say(Post(std::string(500, 'a'))).status, 503);
  HttpClient in_chunks(server_->Port());
  const HttpAnswer answer = in_chunks.Say(
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1f4\r\n" +
      std::string(500, 'a'));
  EXPECT_EQ(answer.status, 503);

  const OtherClient other(server_->Port(), Post(std::string(800, 'b')));
  EXPECT_EQ(desk_.Request(1).body, std::string(800, 'b'));
  desk_.Answer({200, {}, ""});
  EXPECT_EQ(holds.Read().status, 200);
}

TEST_F(HttpServerTest, TooManyBodiesInMemory) {
  desk_.AnswerAtOnce(false);
  options_.max_held_bytes = 100;
  Start();
  HttpClient holds(server_->Port());
  holds.Send(Post(std::string(80, 'a')));
  desk_.Request(0);
  HttpClient declared(server_->Port());
  EXPECT_EQ(declared.Say(Post(std::string(30, 'a'))).status, 503);
  HttpClient in_chunks(server_->Port());
  const HttpAnswer answer = in_chunks.Say(
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1e\r\n" +
      std::string(30, 'a'));
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.Header("Retry-After"), "30");
  desk_.Answer({200, {}, ""});
  EXPECT_EQ(holds.Read().status, 200);
  desk_.AnswerAtOnce(true);
  EXPECT_EQ(holds.Say(Post(std::string(80, 'a'))).status, 200);
}

// --- the end

TEST_F(HttpServerTest, StopLetsRequestsInHandEnd) {
  desk_.AnswerAtOnce(false);
  Start();
  HttpClient in_hand(server_->Port());
  in_hand.Send(kGet);
  desk_.Request(0);
  HttpClient idle(server_->Port());
  HttpClient half(server_->Port());
  half.Send(
      "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(half.Read().status, 100);

  std::thread stop([this] { server_->Stop(); });
  const HttpAnswer refused = half.Read();
  EXPECT_EQ(refused.status, 503);
  EXPECT_NE(refused.Header("Retry-After"), "");
  EXPECT_TRUE(idle.AtEnd());
  desk_.Answer({200, {}, "done"});
  const HttpAnswer answer = in_hand.Read();
  EXPECT_EQ(answer.body, "done");
  EXPECT_EQ(answer.Header("Connection"), "close");
  in_hand.CloseSending();
  half.CloseSending();
  stop.join();
}

TEST_F(HttpServerTest, StopDoesNotWaitForEver) {
  desk_.AnswerAtOnce(false);
  options_.stop_timeout = 50ms;
  Start();
  HttpClient client(server_->Port());
  client.Send(kGet);
  desk_.Request(0);
  std::thread stop([this] { server_->Stop(); });
  EXPECT_EQ(client.Read().status, 503);
  client.CloseSending();
  stop.join();
  server_.reset();
  desk_.Answer({200, {}, "the server is gone"});
}

TEST_F(HttpServerTest, AnAddressThatIsTaken) {
  Start();
  HttpServerOptions second = options_;
  second.listen = "127.0.0.1:" + std::to_string(server_->Port());
  const auto started = HttpServer::Start(second, parts_);
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message.find(second.listen), std::string::npos);
}

}  // namespace
}  // namespace tlsrpt::net
