// The SMTP or LMTP server: a listener, its sessions, and one thread that runs them all.
//
// It answers 250 to a message only after the sink has said that it is durable. What the
// bytes mean is nobody's business here.
//
// Units    durations carry theirs.
// Errors   Start(): kMalformed or kUnavailable, for the administrator. Later ones become
//          a reply, a log line and a count.
// Threads  every function may be called from any thread but the server's own. Log and
//          sink are called on the server's thread and must not block; `done` may be
//          called on any thread, once.
// Lifetime what SmtpServerParts points to outlives the server. `done` may be called
//          after the server is gone.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/error_table.h"
#include "base/net/tls_context.h"
#include "base/result.h"
#include "ingest/smtp/counters.h"
#include "ingest/smtp/recipients.h"
#include "ingest/smtp/session.h"
#include "ingest/spool/entry_sink.h"

namespace tlsrpt::ingest {

using LogSink = std::function<void(LogLevel, std::string)>;

struct SmtpServerOptions {
  SmtpProtocol protocol = SmtpProtocol::kSmtp;
  // ADDRESS:PORT, port 0: a free one; or the path of a unix socket, /run/tlsrptd/lmtp. On
  // such a socket there is no STARTTLS, and the limit per peer is that of all.
  std::string listen = "127.0.0.1:0";
  std::string host_name = "localhost";
  SmtpLimits limits;

  // A session at rest costs about 10 KB, one in TLS 50.
  std::size_t max_connections = 1000;
  // Postfix allows one client as many. A relay that forwards everything is one peer.
  std::size_t max_connections_per_peer = 50;
  // Messages in memory, being received or made durable. 1000 strangers at 25 MB each
  // would be 25 GB; who comes last gets 452 and tries again, and so does a peer above its
  // share (net::kPeerShareOfHeldBytes).
  std::uint64_t max_held_bytes = std::uint64_t{256} << 20;

  // RFC 5321, 4.5.3.2.7. From the answer to the command before to the end of the line.
  std::chrono::milliseconds command_timeout = std::chrono::minutes(5);
  // The same while more than three quarters of max_connections are open, against that
  // sentence: twenty addresses with the connections that each may have hold every place,
  // and must not keep them for five minutes. Postfix waits as long under stress.
  std::chrono::milliseconds crowded_timeout = std::chrono::seconds(10);
  // From DATA to the end of the message. A report is kilobytes; one byte a minute, which
  // keeps every command timeout happy, must end too.
  std::chrono::milliseconds message_timeout = std::chrono::minutes(10);
  // How long Stop() waits for messages in hand to become durable.
  std::chrono::milliseconds stop_timeout = std::chrono::seconds(10);
};

struct SmtpServerParts {
  const Clock* clock = nullptr;
  const RecipientList* recipients = nullptr;
  EntrySink sink;
  std::function<Result<void>(std::uint64_t)> has_room;  // Spool::HasRoom; empty: always
  LogSink log;                                          // empty: nowhere
  std::shared_ptr<const net::TlsContext> tls;           // empty: no STARTTLS
};

class SmtpServer {
 public:
  // Listens when it returns.
  static Result<std::unique_ptr<SmtpServer>> Start(SmtpServerOptions options,
                                                   SmtpServerParts parts);
  // Stops.
  ~SmtpServer();

  // 0 for a unix socket.
  std::uint16_t Port() const;
  const SmtpCounters& counters() const;

  // For handshakes from now on: a renewed certificate.
  void SetTls(std::shared_ptr<const net::TlsContext> tls);

  // No new connections; sessions get 421 and are closed, those with a message in hand
  // after its answer. Returns when all are gone, at the latest a moment after
  // stop_timeout.
  void Stop();

 private:
  class Impl;
  explicit SmtpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tlsrpt::ingest
