#include "base/net/stream.h"

#include <openssl/ssl.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <tuple>
#include <utility>

#include "base/net/socket.h"

// g++ 12 takes Asio's frame allocator, inlined on one side only, for a mismatch.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace tlsrpt::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::steady_clock;

// Operations give an error_code instead of throwing: errors here are everyday things.
constexpr auto kToken = asio::as_tuple(asio::use_awaitable);

// Finish() waits so long for the peer to close, and reads so much of what it still sends.
constexpr std::chrono::seconds kFinishTime(1);
constexpr std::size_t kFinishBytes = 256u << 10;

// Between two steps of an operation of TLS nothing is under way that could be cancelled,
// and the next step would wait without a deadline: what is late is cancelled again.
constexpr std::chrono::seconds kCancelAgain(1);

Error Unavailable(std::string message) {
  return {ErrorKind::kUnavailable, std::move(message)};
}

class SocketStream final : public Stream {
 public:
  SocketStream(Socket socket, const Endpoint& peer, std::string peer_name)
      : socket_(std::move(socket)),
        timer_(socket_.get_executor()),
        peer_(peer),
        peer_name_(std::move(peer_name)) {}

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
    // It fails when the peer has sent more before its close_notify: ours is out by then.
    if (tls_) (void)co_await tls_->async_shutdown(kToken);
    error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
    char room[4096];
    for (std::size_t left = kFinishBytes; left > 0 && !timed_out_;) {
      const auto [error, count] =
          co_await socket_.async_read_some(asio::buffer(room), kToken);
      if (error) break;
      left -= std::min(left, count);
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
  const std::string& PeerName() const override { return peer_name_; }

  std::string TlsVersion() const override {
    return tls_ ? SSL_get_version(const_cast<TlsStream&>(*tls_).native_handle()) : "";
  }

 private:
  using TlsStream = asio::ssl::stream<Socket&>;

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
      deadline_ = steady_clock::now() + kCancelAgain;
      Arm();
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

  Socket socket_;
  std::optional<TlsStream> tls_;
  asio::steady_timer timer_;
  const Endpoint peer_;
  const std::string peer_name_;
  steady_clock::time_point deadline_;
  bool armed_ = false;
  bool timed_out_ = false;
  bool interrupted_ = false;
  bool interruptible_ = false;
  // A timer that has rung cannot be called back; its handler looks here.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace

std::unique_ptr<Stream> MakeStream(Socket socket, const Endpoint& peer,
                                   std::string peer_name) {
  return std::make_unique<SocketStream>(std::move(socket), peer, std::move(peer_name));
}

}  // namespace tlsrpt::net
