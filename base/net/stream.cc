#include "base/net/stream.h"

#include <openssl/ssl.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <tuple>
#include <utility>

// g++ 12 takes Asio's frame allocator, inlined on one side only, for a mismatch.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace tlsrpt::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::steady_clock;

// Operations give an error_code instead of throwing: errors here are everyday things.
constexpr auto kToken = asio::as_tuple(asio::use_awaitable);

// Finish() waits so long for the peer to close, and reads so much of what it still sends.
constexpr std::chrono::seconds kFinishTime(1);
constexpr std::size_t kFinishBytes = 256u << 10;

// Out of descriptors: connections end every moment, and asking at once would only spin.
constexpr std::chrono::milliseconds kAcceptPause(100);

// Connections the kernel holds while one thread is busy; it cuts the number to its own.
constexpr int kBacklog = 1024;

Error Unavailable(std::string message) {
  return {ErrorKind::kUnavailable, std::move(message)};
}

tcp::endpoint ToAsio(const Endpoint& endpoint) {
  const auto& bytes = endpoint.address.bytes();
  if (endpoint.address.IsV4()) {
    return {asio::ip::address_v4({bytes[0], bytes[1], bytes[2], bytes[3]}),
            endpoint.port};
  }
  return {asio::ip::address_v6(bytes), endpoint.port};
}

Endpoint FromAsio(const tcp::endpoint& endpoint) {
  const asio::ip::address address = endpoint.address();
  const IpAddress ours = address.is_v4() ? IpAddress::FromV4(address.to_v4().to_bytes())
                                         : IpAddress::FromV6(address.to_v6().to_bytes());
  return {ours, endpoint.port()};
}

class TcpStream final : public Stream {
 public:
  TcpStream(tcp::socket socket, const Endpoint& peer)
      : socket_(std::move(socket)), timer_(socket_.get_executor()), peer_(peer) {}

  asio::awaitable<Result<std::size_t>> Read(std::span<char> room) override {
    if (timed_out_ || interrupted_) co_return Unavailable(WhyCancelled());
    const asio::mutable_buffer buffer = asio::buffer(room.data(), room.size());
    error_code error;
    std::size_t count = 0;
    interruptible_ = true;
    if (tls_) {
      std::tie(error, count) = co_await tls_->async_read_some(buffer, kToken);
    } else {
      std::tie(error, count) = co_await socket_.async_read_some(buffer, kToken);
    }
    interruptible_ = false;
    // A peer that closes without close_notify is as gone as one that says so.
    if (error == asio::error::eof || error == asio::ssl::error::stream_truncated) {
      co_return std::size_t{0};
    }
    if (error) co_return Failed(error);
    co_return count;
  }

  asio::awaitable<Result<void>> Write(std::string_view bytes) override {
    while (!bytes.empty()) {
      if (timed_out_) co_return Unavailable(WhyCancelled());
      const asio::const_buffer buffer = asio::buffer(bytes);
      error_code error;
      std::size_t count = 0;
      if (tls_) {
        std::tie(error, count) = co_await tls_->async_write_some(buffer, kToken);
      } else {
        std::tie(error, count) = co_await socket_.async_write_some(buffer, kToken);
      }
      if (error) co_return Failed(error);
      bytes.remove_prefix(count);
    }
    co_return Result<void>();
  }

  asio::awaitable<Result<void>> StartTls(const TlsContext& tls) override {
    if (timed_out_ || interrupted_) co_return Unavailable(WhyCancelled());
    SSL* ssl = SSL_new(tls.native());
    if (ssl == nullptr) co_return Error{ErrorKind::kInternal, "OpenSSL: no session"};
    tls_.emplace(socket_, ssl);  // frees it
    interruptible_ = true;
    const auto [error] = co_await tls_->async_handshake(TlsStream::server, kToken);
    interruptible_ = false;
    if (error) co_return Failed(error);
    co_return Result<void>();
  }

  asio::awaitable<void> Finish() override {
    SetDeadline(steady_clock::now() + kFinishTime);
    if (tls_) {
      (void)co_await tls_->async_shutdown(kToken);
    } else {
      error_code ignored;
      socket_.shutdown(tcp::socket::shutdown_send, ignored);
      char room[4096];
      for (std::size_t left = kFinishBytes; left > 0 && !timed_out_;) {
        const auto [error, count] =
            co_await socket_.async_read_some(asio::buffer(room), kToken);
        if (error) break;
        left -= std::min(left, count);
      }
    }
    Close();
  }

  void SetDeadline(steady_clock::time_point deadline) override {
    deadline_ = deadline;
    timed_out_ = false;
    if (!armed_ || deadline < timer_.expiry()) Arm();
  }
  bool TimedOut() const override { return timed_out_; }

  void Interrupt() override {
    interrupted_ = true;
    if (interruptible_) Cancel();
  }
  bool Interrupted() const override { return interrupted_; }

  void RefuseWith(std::string_view bytes) override {
    error_code ignored;
    socket_.non_blocking(true, ignored);
    if (!tls_) socket_.write_some(asio::buffer(bytes), ignored);
    Close();
  }

  void Close() override {
    error_code ignored;
    socket_.close(ignored);
    timer_.cancel();
  }

  const Endpoint& peer() const override { return peer_; }

  std::string TlsVersion() const override {
    return tls_ ? SSL_get_version(const_cast<TlsStream&>(*tls_).native_handle()) : "";
  }

 private:
  using TlsStream = asio::ssl::stream<tcp::socket&>;

  // The timer runs to some deadline of the past; when it rings, it looks at the present
  // one. So moving a deadline later, which is what happens all the time, is free.
  void Arm() {
    armed_ = true;
    timer_.expires_at(deadline_);
    timer_.async_wait([this, alive = std::weak_ptr<bool>(alive_)](error_code cancelled) {
      if (cancelled || alive.expired()) return;
      armed_ = false;
      if (steady_clock::now() < deadline_) return Arm();
      timed_out_ = true;
      Cancel();
    });
  }

  void Cancel() {
    error_code ignored;
    socket_.cancel(ignored);
  }

  std::string WhyCancelled() const { return timed_out_ ? "timed out" : "interrupted"; }

  Error Failed(const error_code& error) const {
    if (error == asio::error::operation_aborted && (timed_out_ || interrupted_)) {
      return Unavailable(WhyCancelled());
    }
    return Unavailable(error.message());
  }

  tcp::socket socket_;
  std::optional<TlsStream> tls_;
  asio::steady_timer timer_;
  const Endpoint peer_;
  steady_clock::time_point deadline_;
  bool armed_ = false;
  bool timed_out_ = false;
  bool interrupted_ = false;
  bool interruptible_ = false;
  // A timer that has rung cannot be called back; its handler looks here.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

bool IsShortage(const error_code& error) {
  namespace errc = boost::system::errc;
  return error == errc::too_many_files_open ||
         error == errc::too_many_files_open_in_system || error == errc::no_buffer_space ||
         error == errc::not_enough_memory;
}

class TcpListener final : public Listener {
 public:
  TcpListener(asio::io_context& io, tcp::acceptor acceptor, const Endpoint& endpoint)
      : io_(io), acceptor_(std::move(acceptor)), endpoint_(endpoint) {}

  asio::awaitable<Result<std::unique_ptr<Stream>>> Accept() override {
    while (acceptor_.is_open()) {
      tcp::socket socket(io_);
      const auto [error] = co_await acceptor_.async_accept(socket, kToken);
      if (!error) {
        error_code gone;
        const tcp::endpoint peer = socket.remote_endpoint(gone);
        if (gone) continue;
        // Replies are written whole; waiting for more only adds latency.
        error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        std::unique_ptr<Stream> stream =
            std::make_unique<TcpStream>(std::move(socket), FromAsio(peer));
        co_return stream;
      }
      if (IsShortage(error)) {
        asio::steady_timer pause(io_, kAcceptPause);
        (void)co_await pause.async_wait(kToken);
      }
    }
    co_return Unavailable("the listener is closed");
  }

  const Endpoint& endpoint() const override { return endpoint_; }

  void Close() override {
    error_code ignored;
    acceptor_.close(ignored);
  }

 private:
  asio::io_context& io_;
  tcp::acceptor acceptor_;
  const Endpoint endpoint_;
};

std::string Remedy(const error_code& error) {
  namespace errc = boost::system::errc;
  if (error == errc::permission_denied) {
    return "; ports below 1024 need CAP_NET_BIND_SERVICE";
  }
  if (error == errc::address_in_use) return "; another program has this port";
  if (error == errc::address_not_available) return "; this host has no such address";
  return "";
}

}  // namespace

Result<std::unique_ptr<Listener>> Listener::Open(asio::io_context& io,
                                                 const Endpoint& endpoint) {
  const tcp::endpoint local = ToAsio(endpoint);
  tcp::acceptor acceptor(io);
  error_code error;
  acceptor.open(local.protocol(), error);
  // A restart must not wait for connections that are still dying.
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && local.address().is_v6()) {
    acceptor.set_option(asio::ip::v6_only(false), error);
  }
  if (!error) acceptor.bind(local, error);
  if (!error) acceptor.listen(kBacklog, error);
  tcp::endpoint bound;
  if (!error) bound = acceptor.local_endpoint(error);
  if (error) {
    return Unavailable("listening on " + endpoint.ToString() + ": " + error.message() +
                       Remedy(error));
  }
  std::unique_ptr<Listener> listener = std::make_unique<TcpListener>(
      io, std::move(acceptor), Endpoint{endpoint.address, bound.port()});
  return listener;
}

}  // namespace tlsrpt::net
