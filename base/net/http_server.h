// An HTTP/1.1 server (RFC 9112), plain or TLS: a listener, its connections, and one
// thread that runs them all. What is asked and answered is the handler's business.
//
// Connections are kept, and requests that are sent without waiting are answered one after
// another. `Expect: 100-continue` is met once the head was found good. What the server
// refuses itself it refuses with a problem document (http_problem.h) and closes: 400 and
// 431 for a bad or long head, 408 for a slow one, 413 for a body above the limit, 503 for
// too many connections or bodies and while it stops, 500 for a handler that fails.
//
// Units    sizes are bytes, durations carry theirs.
// Errors   Start(): kMalformed or kUnavailable, for the administrator. Later ones become
//          a response, a log line and a count.
// Threads  every function may be called from any thread but the server's own. Handler,
//          head check and log are called on the server's thread and must not block; a
//          reply may be given on any thread, once.
// Lifetime a reply may be given after the server is gone.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/error_table.h"
#include "base/net/http_message.h"
#include "base/net/tls_context.h"
#include "base/result.h"

namespace tlsrpt::net {

// One that is never called is answered 500 after reply_timeout.
using HttpReply = std::function<void(HttpResponse)>;
// A HEAD request is answered like GET: the server leaves the body out.
using HttpHandler = std::function<void(HttpRequest, HttpReply)>;
// Looks at the head, its body not yet read: a response refuses it and closes.
using HttpHeadCheck = std::function<std::optional<HttpResponse>(const HttpRequest& head)>;
using HttpLog = std::function<void(LogLevel, std::string)>;

struct HttpServerOptions {
  std::string listen = "127.0.0.1:0";     // ADDRESS:PORT; port 0: a free one
  std::shared_ptr<const TlsContext> tls;  // empty: plain HTTP

  // Twice what RFC 8460, 5.2 calls a commonly observed limit for reports, and more.
  std::uint64_t max_body_bytes = std::uint64_t{25} << 20;
  // What Apache and nginx take by default, about.
  std::size_t max_header_bytes = 16u << 10;

  // A connection at rest costs about 20 KB, one in TLS 60.
  std::size_t max_connections = 1000;
  // A proxy that forwards everything is one peer.
  std::size_t max_connections_per_peer = 50;
  // Bodies in memory, being received or with the handler. Who comes last gets 503, and
  // so does a peer above its share (kPeerShareOfHeldBytes).
  std::uint64_t max_held_bytes = std::uint64_t{256} << 20;

  std::chrono::milliseconds handshake_timeout = std::chrono::seconds(30);
  // From the first byte of a head to its last; one byte a minute must end too.
  std::chrono::milliseconds head_timeout = std::chrono::seconds(30);
  // A whole body, and a whole response: both are megabytes at most.
  std::chrono::milliseconds body_timeout = std::chrono::minutes(5);
  // Between two requests, and before the first.
  std::chrono::milliseconds idle_timeout = std::chrono::seconds(60);
  // The most that is waited for a handshake, a head, the next part of a body, or a peer
  // that is to read a response, while more than three quarters of max_connections are
  // open: twenty addresses with the connections that each may have hold every place. In
  // such a crowd no connection is kept for another request.
  std::chrono::milliseconds crowded_timeout = std::chrono::seconds(10);
  // How long the handler may think.
  std::chrono::milliseconds reply_timeout = std::chrono::seconds(60);
  // How long Stop() waits for replies; then they are 503.
  std::chrono::milliseconds stop_timeout = std::chrono::seconds(5);
};

struct HttpServerParts {
  HttpHandler handler;
  HttpHeadCheck head_check;      // empty: every head is good
  HttpLog log;                   // empty: nowhere
  const Clock* clock = nullptr;  // for Date; empty: the system's
};

// Totals since the start, for metrics. Written by the server's thread, read by any.
struct HttpCounters {
  std::atomic<std::uint64_t> connections{0};
  std::atomic<std::uint64_t> open_connections{0};
  std::atomic<std::uint64_t> refused_connections{0};
  std::atomic<std::uint64_t> tls_failures{0};  // handshakes that did not end well
  std::atomic<std::uint64_t> bad_requests{0};  // refused before the handler
  std::atomic<std::uint64_t> late_replies{0};  // 500: the handler did not answer
};

class HttpServer {
 public:
  // Listens when it returns.
  static Result<std::unique_ptr<HttpServer>> Start(HttpServerOptions options,
                                                   HttpServerParts parts);
  // Stops.
  ~HttpServer();

  std::uint16_t Port() const;
  const HttpCounters& counters() const;

  // For handshakes from now on: a renewed certificate.
  void SetTls(std::shared_ptr<const TlsContext> tls);

  // No new connections; idle ones are closed, requests under way get 503, those with the
  // handler their reply. Returns when all are gone, at the latest a few seconds after
  // stop_timeout.
  void Stop();

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tlsrpt::net
