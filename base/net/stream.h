// One TCP or unix socket connection, first plain, then perhaps TLS; and the listener it
// came from.
//
// The interface is virtual and not a template so that Asio's sockets and TLS streams
// are instantiated once, in stream.cc and listener.cc: each file that does it costs a
// minute and 2 GB to compile. Include this header in coroutine files only; it is the one
// here that has an Asio type (awaitable) in it.
//
// A deadline is a point in time that the owner moves, not a timer for each operation:
// moving it is an assignment, and a session that trickles cannot push it.
//
// Errors   kUnavailable  the peer is gone, reset, timed out, or interrupted: close
//          Which of them it was: TimedOut(), Interrupted().
// Threads  the thread that runs the io_context.
// Lifetime a Stream may be destroyed when no operation of it is under way.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/net/endpoint.h"
#include "base/net/tls_context.h"
#include "base/result.h"

namespace boost::asio {
class io_context;
}

namespace tlsrpt::net {

class Stream {
 public:
  virtual ~Stream() = default;

  // Waits for bytes and reads what is there into `room`; 0 at the end of the stream.
  virtual boost::asio::awaitable<Result<std::size_t>> Read(std::span<char> room) = 0;

  // Writes all of `bytes`, which stay valid until then.
  virtual boost::asio::awaitable<Result<void>> Write(std::string_view bytes) = 0;

  // The server's side of a handshake. Nothing that was read before is seen by TLS.
  virtual boost::asio::awaitable<Result<void>> StartTls(const TlsContext& tls) = 0;

  // A polite end: says that no more will be written, then reads for a moment what the
  // peer still has in flight. Closing over unread bytes resets the connection, and the
  // peer would lose the reply that told it why.
  virtual boost::asio::awaitable<void> Finish() = 0;

  // Operations under way at `deadline` fail. May be moved either way at any time;
  // moving it makes a stream that timed out usable again (to say so to the peer).
  virtual void SetDeadline(std::chrono::steady_clock::time_point deadline) = 0;
  virtual bool TimedOut() const = 0;

  // The Read or StartTls under way, and every later one, fails; Write works on.
  virtual void Interrupt() = 0;
  virtual bool Interrupted() const = 0;

  // For a peer that is not welcome: writes what fits into the socket now and closes.
  // Under TLS it only closes.
  virtual void RefuseWith(std::string_view bytes) = 0;

  // Everything under way fails.
  virtual void Close() = 0;

  // Of a unix socket: no address, port 0.
  virtual const Endpoint& peer() const = 0;
  // "192.0.2.1:25431", "unix:/run/tlsrptd/lmtp"
  virtual const std::string& PeerName() const = 0;
  // "TLSv1.3", or empty for plain text.
  virtual std::string TlsVersion() const = 0;
};

class Listener {
 public:
  virtual ~Listener() = default;

  // Binds and listens. [::] takes IPv4 too. The message of an error names the endpoint
  // and the remedy.
  static Result<std::unique_ptr<Listener>> Open(boost::asio::io_context& io,
                                                const Endpoint& endpoint);

  // A unix socket at `path`, which everybody who can reach the folder may connect to. A
  // socket that a dead process left there is replaced, and the name is taken away by
  // Close() where the process may.
  static Result<std::unique_ptr<Listener>> OpenUnix(boost::asio::io_context& io,
                                                    const std::string& path);

  // kUnavailable once Close() was called. Out of descriptors or memory it waits a moment
  // and goes on: the connection stays in the kernel's queue.
  virtual boost::asio::awaitable<Result<std::unique_ptr<Stream>>> Accept() = 0;

  // With the port the system gave; of a unix socket nothing.
  virtual const Endpoint& endpoint() const = 0;

  virtual void Close() = 0;
};

}  // namespace tlsrpt::net
