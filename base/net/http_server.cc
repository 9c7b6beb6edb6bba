#include "base/net/http_server.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "base/net/connection_limits.h"
#include "base/net/crowd.h"
#include "base/net/endpoint.h"
#include "base/net/http_problem.h"
#include "base/net/http_reader.h"
#include "base/net/http_writer.h"
#include "base/net/mailbox.h"
#include "base/net/stream.h"
#include "base/thread.h"

// g++ 12 takes Asio's frame allocator, inlined on one side only, for a mismatch.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace tlsrpt::net {
namespace {

namespace asio = boost::asio;
using std::chrono::steady_clock;

// One TLS record; a report is often less.
constexpr std::size_t kReadBytes = 16u << 10;

// For last words to a peer that may not be reading any more.
constexpr std::chrono::seconds kLastWordsTime(2);

// A client that is still sending the body we refused reads the refusal only if we do not
// hang up on it: so long, and so much, is read and dropped, until nothing more has come
// for a while. 25 MB take 20 s at 10 Mbit/s; nginx lingers for as long.
constexpr std::chrono::seconds kDrainTime(30);
constexpr std::chrono::seconds kDrainSilence(2);
constexpr std::uint64_t kDrainBytes = 32u << 20;

// When to come again after a limit that everybody shares, or a restart.
constexpr std::chrono::seconds kRetryAfter(30);

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

// What the handler says. Touched on the server's thread only.
struct Answer {
  std::optional<HttpResponse> response;
  asio::steady_timer* wakes = nullptr;  // while the connection waits
};

struct Connection {
  Connection(std::unique_ptr<Stream> accepted, ConnectionLimits::Lease taken)
      : stream(std::move(accepted)), lease(std::move(taken)) {}

  std::unique_ptr<Stream> stream;
  ConnectionLimits::Lease lease;
  std::unique_ptr<char[]> room = std::make_unique_for_overwrite<char[]>(kReadBytes);
  std::string_view unread;           // in `room`: behind the request under way
  std::optional<HttpReader> reader;  // of the request under way
  std::optional<HttpResponse> refusal;
  std::uint64_t undrained_bytes = 0;  // behind a refusal
  asio::steady_timer* waits_for_answer = nullptr;
  std::optional<steady_clock::time_point> peer_deadline;  // see Crowd
};

// How the reading of a request ended.
enum class Got { kNothing, kRequest, kRefusal };

}  // namespace

class HttpServer::Impl {
 public:
  Impl(HttpServerOptions options, HttpServerParts parts)
      : options_(std::move(options)),
        parts_(std::move(parts)),
        tls_(options_.tls),
        limits_(options_.max_connections, options_.max_connections_per_peer,
                {options_.max_held_bytes,
                 options_.max_header_bytes + options_.max_body_bytes}) {}

  Result<void> Start() {
    const auto endpoint = ParseEndpoint(options_.listen);
    if (!endpoint) return endpoint.error();
    auto listener = Listener::Open(io_, *endpoint);
    if (!listener) return listener.error();
    listener_ = std::move(*listener);
    asio::co_spawn(io_, AcceptAll(), asio::detached);
    thread_ = std::thread([this] { Run(); });
    return {};
  }

  std::uint16_t Port() const { return listener_->endpoint().port; }
  const HttpCounters& counters() const { return counters_; }

  void SetTls(std::shared_ptr<const TlsContext> tls) {
    const std::lock_guard lock(tls_mutex_);
    tls_ = std::move(tls);
  }

  void Stop() {
    const std::lock_guard lock(stop_mutex_);
    if (!thread_.joinable()) return;
    asio::post(io_, [this] { BeginStop(); });
    thread_.join();
    mailbox_->Close();
  }

 private:
  // --- the server's thread

  void Run() {
    NameThread("http");
    for (;;) {
      try {
        io_.run();
        return;
      } catch (const std::exception& e) {  // no connection's: those have their own
        Log(LogLevel::kError, std::string("http: ") + e.what());
      }
    }
  }

  void BeginStop() {
    stopping_ = true;
    listener_->Close();
    for (Connection* connection : connections_) connection->stream->Interrupt();
    if (connections_.empty()) return;
    stop_timer_.expires_after(options_.stop_timeout);
    stop_timer_.async_wait([this](boost::system::error_code cancelled) {
      if (!cancelled) EndStop();
    });
  }

  // Patience is over: whoever waits for a reply is told to come again, and whoever does
  // not read one is left.
  void EndStop() {
    const auto end = steady_clock::now() + kLastWordsTime;
    for (Connection* connection : connections_) {
      connection->stream->SetDeadline(end);
      if (connection->waits_for_answer) connection->waits_for_answer->cancel();
    }
  }

  asio::awaitable<void> AcceptAll() {
    for (;;) {
      auto accepted = co_await listener_->Accept();
      if (!accepted) co_return;
      try {
        Admit(std::move(*accepted));
      } catch (const std::exception& e) {
        Log(LogLevel::kError, std::string("http: new connection: ") + e.what());
      }
    }
  }

  void Admit(std::unique_ptr<Stream> stream) {
    Count(counters_.connections);
    auto lease = limits_.Take(stream->peer().address);
    if (!lease) {
      Count(counters_.refused_connections);
      Log(LogLevel::kDebug,
          "http: too many connections, refused " + stream->peer().ToString());
      if (Tls() != nullptr) return stream->Close();  // it expects a handshake
      return stream->RefuseWith(
          FormatResponse(TryAgainLater(kRetryAfter, "too many connections"),
                         {.close = true, .now = Now()}));
    }
    crowd_.HurryAll(connections_);
    auto connection = std::make_unique<Connection>(std::move(stream), std::move(*lease));
    asio::co_spawn(io_, Serve(std::move(connection)), asio::detached);
  }

  asio::awaitable<void> Serve(std::unique_ptr<Connection> connection) {
    connections_.insert(connection.get());
    if (stopping_) connection->stream->Interrupt();  // accepted a moment too late
    Count(counters_.open_connections);
    try {
      co_await Converse(*connection);
    } catch (const std::exception& e) {
      Log(LogLevel::kError,
          "http: " + connection->stream->peer().ToString() + ": " + e.what());
    }
    connection->stream->Close();
    connection->lease.Hold(0);
    counters_.open_connections.fetch_sub(1, std::memory_order_relaxed);
    connections_.erase(connection.get());
    if (stopping_ && connections_.empty()) stop_timer_.cancel();
  }

  // --- one connection

  asio::awaitable<void> Converse(Connection& c) {
    if (const auto tls = Tls()) {
      const bool secured = co_await Handshake(c, *tls);
      if (!secured) co_return;
    }
    for (;;) {
      c.reader.emplace(
          HttpReaderLimits{options_.max_body_bytes, options_.max_header_bytes});
      const Got got = co_await ReadRequest(c);
      if (got == Got::kNothing) co_return;

      HttpFraming framing;
      framing.head_only = c.reader->request().method == "HEAD";
      framing.http_1_0 = c.reader->IsHttp10();
      HttpResponse response;
      if (got == Got::kRequest) {
        response = co_await Ask(c);
      } else {
        Count(counters_.bad_requests);
        response = std::move(*c.refusal);
        DropBody(c);
      }
      framing.close = got == Got::kRefusal || stopping_ || limits_.IsCrowded() ||
                      !c.reader->KeepAlive();
      const bool written = co_await Write(c, response, framing);
      if (!written) co_return;
      if (framing.close) {
        if (got == Got::kRefusal) co_await Drain(c);
        co_return co_await c.stream->Finish();
      }
    }
  }

  asio::awaitable<bool> Handshake(Connection& c, const TlsContext& tls) {
    crowd_.WaitUntil(c, steady_clock::now() + options_.handshake_timeout);
    const auto secured = co_await c.stream->StartTls(tls);
    Crowd::StopWaiting(c);
    if (secured) co_return true;
    Count(counters_.tls_failures);
    Log(LogLevel::kInfo, "http: " + c.stream->peer().ToString() +
                             ": TLS handshake: " + secured.error().message);
    co_return false;
  }

  // Until the request is whole, or a reason not to go on is in c.refusal.
  asio::awaitable<Got> ReadRequest(Connection& c) {
    HttpReader& reader = *c.reader;
    auto deadline = steady_clock::now() + options_.idle_timeout;
    bool in_head = false;
    for (;;) {
      c.unread.remove_prefix(reader.Feed(c.unread));
      if (reader.state() == HttpReader::State::kHeadDone) {
        AcceptHead(c);
        deadline = steady_clock::now() + options_.body_timeout;
        // A client that did not wait to be asked needs no answer (RFC 9110, 10.1.1).
        if (reader.state() == HttpReader::State::kBody && reader.ExpectsContinue() &&
            !c.refusal && c.unread.empty()) {
          crowd_.WaitUntil(c, deadline);
          const auto asked = co_await c.stream->Write(kContinue);
          Crowd::StopWaiting(c);
          if (!asked) co_return Got::kNothing;
        }
        if (!c.refusal) c.unread.remove_prefix(reader.Feed(c.unread));
      }
      LimitMemory(c);
      if (reader.state() == HttpReader::State::kFault) {
        c.refusal = Problem(reader.fault().status, reader.fault().detail);
      }
      if (c.refusal) co_return Got::kRefusal;
      if (reader.state() == HttpReader::State::kDone) co_return Got::kRequest;

      if (!in_head && reader.Started() && reader.state() == HttpReader::State::kHead) {
        in_head = true;
        deadline = steady_clock::now() + options_.head_timeout;
      }
      crowd_.WaitUntil(c, deadline);
      const auto count = co_await c.stream->Read({c.room.get(), kReadBytes});
      const auto waited_until = Crowd::StopWaiting(c);
      // In a crowd each part of a body has its time, and a head has it once.
      if (reader.state() == HttpReader::State::kHead) deadline = waited_until;
      if (count && *count > 0) {
        c.unread = {c.room.get(), *count};
        continue;
      }
      if (count || !reader.Started()) co_return Got::kNothing;
      if (c.stream->TimedOut()) {
        c.refusal = Problem(408, "the request did not come in time");
      } else if (c.stream->Interrupted()) {
        c.refusal = TryAgainLater(kRetryAfter, "closing for a restart");
      } else {
        co_return Got::kNothing;
      }
      co_return Got::kRefusal;
    }
  }

  // The head is whole: on to the body, or a refusal.
  void AcceptHead(Connection& c) {
    HttpReader& reader = *c.reader;
    reader.request().peer = c.stream->peer();
    reader.request().tls_version = c.stream->TlsVersion();
    reader.request().tls = !reader.request().tls_version.empty();
    if (parts_.head_check) c.refusal = parts_.head_check(reader.request());
    if (c.refusal) return;
    reader.ReadBody();
    if (!c.lease.HasRoom(reader.declared_body_bytes().value_or(0)) &&
        reader.state() == HttpReader::State::kBody) {
      c.refusal = TryAgainLater(kRetryAfter, "too many bodies in memory");
    }
  }

  // The handler's response, or the one that stands in for it.
  asio::awaitable<HttpResponse> Ask(Connection& c) {
    auto answer = std::make_shared<Answer>();
    const std::string what =
        c.reader->request().method + ' ' + c.reader->request().target;
    bool failed = false;
    try {
      parts_.handler(c.reader->TakeRequest(),
                     [mailbox = mailbox_, answer](HttpResponse response) {
                       mailbox->Post([answer, response = std::move(response)]() mutable {
                         if (answer->response) return;
                         answer->response = std::move(response);
                         if (answer->wakes != nullptr) answer->wakes->cancel();
                       });
                     });
    } catch (const std::exception& e) {
      Log(LogLevel::kError, "http: " + what + ": " + e.what());
      failed = true;
    }
    if (!failed) co_await WaitFor(c, *answer);
    c.lease.Hold(0);
    if (answer->response) co_return std::move(*answer->response);
    if (!failed && stopping_)
      co_return TryAgainLater(kRetryAfter, "closing for a restart");
    if (!failed) {
      Count(counters_.late_replies);
      Log(LogLevel::kError, "http: " + what + ": no reply in time");
    }
    co_return Problem(500, "internal error");
  }

  asio::awaitable<void> WaitFor(Connection& c, Answer& answer) {
    // Both ends of the wait are on this thread, so no answer can slip through between.
    asio::steady_timer event(io_, steady_clock::now() + options_.reply_timeout);
    answer.wakes = c.waits_for_answer = &event;
    (void)co_await event.async_wait(asio::as_tuple(asio::use_awaitable));
    answer.wakes = c.waits_for_answer = nullptr;
  }

  asio::awaitable<bool> Write(Connection& c, const HttpResponse& response,
                              HttpFraming framing) {
    framing.now = Now();
    const std::string bytes = FormatResponse(response, framing);
    crowd_.WaitUntil(
        c, steady_clock::now() + (stopping_ ? std::chrono::milliseconds(kLastWordsTime)
                                            : options_.body_timeout));
    const auto written = co_await c.stream->Write(bytes);
    Crowd::StopWaiting(c);
    co_return written.has_value();
  }

  // Of the request that was refused: what came of its body is not kept while the client
  // takes its time, and what is still to come is known as far as it was declared.
  void DropBody(Connection& c) {
    const std::uint64_t had = c.reader->held_bytes() + c.unread.size();
    const std::uint64_t unknown_bytes = c.reader->EndIsUnknown() ? had + kDrainBytes : 0;
    const std::uint64_t all = c.reader->declared_body_bytes().value_or(unknown_bytes);
    c.undrained_bytes = all - std::min(all, had);
    c.reader->request().body = std::string();
    c.lease.Hold(0);
  }

  // Reads on behind a refusal, see kDrainTime.
  asio::awaitable<void> Drain(Connection& c) {
    const auto end = steady_clock::now() + kDrainTime;
    std::uint64_t left = std::min(c.undrained_bytes, kDrainBytes);
    while (left > 0) {
      c.stream->SetDeadline(std::min(end, steady_clock::now() + kDrainSilence));
      const auto count = co_await c.stream->Read({c.room.get(), kReadBytes});
      if (!count || *count == 0) co_return;
      left -= std::min<std::uint64_t>(left, *count);
    }
  }

  // --- limits

  void LimitMemory(Connection& c) {
    c.lease.Hold(c.reader->held_bytes());
    if (c.lease.HasRoom() || c.refusal) return;
    // A whole body was read to its end before memory ran short: it is not to be spoilt.
    if (c.reader->state() != HttpReader::State::kBody) return;
    c.refusal = TryAgainLater(kRetryAfter, "too many bodies in memory");
  }

  // --- small things

  std::shared_ptr<const TlsContext> Tls() const {
    const std::lock_guard lock(tls_mutex_);
    return tls_;
  }

  std::chrono::sys_seconds Now() const {
    const TimePoint now = parts_.clock != nullptr ? parts_.clock->Now() : clock_.Now();
    return std::chrono::floor<std::chrono::seconds>(now);
  }

  void Log(LogLevel level, std::string line) const {
    if (parts_.log) parts_.log(level, std::move(line));
  }

  static void Count(std::atomic<std::uint64_t>& counter) {
    counter.fetch_add(1, std::memory_order_relaxed);
  }

  const HttpServerOptions options_;
  const HttpServerParts parts_;
  const SystemClock clock_;
  mutable std::mutex tls_mutex_;  // tls_
  std::shared_ptr<const TlsContext> tls_;
  HttpCounters counters_;
  ConnectionLimits limits_;
  const Crowd crowd_{limits_, options_.crowded_timeout};

  // One thread runs it and is the only one to use a socket of it; others only post.
  asio::io_context io_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  std::shared_ptr<Mailbox> mailbox_ = std::make_shared<Mailbox>(io_);
  std::unique_ptr<Listener> listener_;
  asio::steady_timer stop_timer_{io_};
  std::set<Connection*> connections_;
  bool stopping_ = false;

  std::mutex stop_mutex_;
  std::thread thread_;
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpServer::~HttpServer() { Stop(); }

Result<std::unique_ptr<HttpServer>> HttpServer::Start(HttpServerOptions options,
                                                      HttpServerParts parts) {
  auto impl = std::make_unique<Impl>(std::move(options), std::move(parts));
  if (auto started = impl->Start(); !started) return started.error();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

std::uint16_t HttpServer::Port() const { return impl_->Port(); }
const HttpCounters& HttpServer::counters() const { return impl_->counters(); }
void HttpServer::SetTls(std::shared_ptr<const TlsContext> tls) {
  impl_->SetTls(std::move(tls));
}
void HttpServer::Stop() { impl_->Stop(); }

}  // namespace tlsrpt::net
