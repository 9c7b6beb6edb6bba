// The HTTPS intake: reports by POST. It answers 2xx only after the sink has said that the
// bytes are durable; what they mean is nobody's business here.
//
// Errors   Start(): kMalformed or kUnavailable, for the administrator. Later ones become
//          a response, a log line and a count.
// Threads  every function may be called from any thread but the server's own. The sink is
//          called on the server's thread and must not block; its `done` may be called on
//          any thread, once. Log is called on either.
// Lifetime what HttpsServerParts holds outlives the server and every `done`.
#pragma once

#include <cstdint>
#include <memory>

#include "base/clock.h"
#include "base/net/http_server.h"
#include "base/result.h"
#include "ingest/https/counters.h"
#include "ingest/https/post.h"
#include "ingest/spool/entry_sink.h"

namespace tlsrpt::ingest {

struct HttpsServerParts {
  const Clock* clock = nullptr;
  EntrySink sink;
  net::HttpLog log;  // empty: nowhere
};

class HttpsServer {
 public:
  // Listens when it returns. `options.tls` is a must.
  static Result<std::unique_ptr<HttpsServer>> Start(net::HttpServerOptions options,
                                                    PostSettings settings,
                                                    HttpsServerParts parts);
  // Stops.
  ~HttpsServer();

  std::uint16_t Port() const;
  const PostCounters& counters() const;
  const net::HttpCounters& http_counters() const;

  // For handshakes from now on: a renewed certificate.
  void SetTls(std::shared_ptr<const net::TlsContext> tls);

  // No new posts; those in hand get their answer, the others a 503.
  void Stop();

 private:
  class Impl;
  explicit HttpsServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tlsrpt::ingest
