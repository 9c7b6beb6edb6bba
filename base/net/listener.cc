// The listeners of stream.h: TCP and unix sockets.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <utility>

#include "base/net/socket.h"
#include "base/net/socket_file.h"
#include "base/net/stream.h"

// g++ 12 takes Asio's frame allocator, inlined on one side only, for a mismatch.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace tlsrpt::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using asio::local::stream_protocol;
using boost::system::error_code;

constexpr auto kToken = asio::as_tuple(asio::use_awaitable);

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

bool IsShortage(const error_code& error) {
  namespace errc = boost::system::errc;
  return error == errc::too_many_files_open ||
         error == errc::too_many_files_open_in_system || error == errc::no_buffer_space ||
         error == errc::not_enough_memory;
}

// What the two kinds have in common: accepting. Nothing becomes a stream in Wrap() for a
// peer that is gone already.
template <class Protocol>
class SocketListener : public Listener {
 public:
  SocketListener(asio::io_context& io, typename Protocol::acceptor acceptor,
                 const Endpoint& endpoint)
      : io_(io), acceptor_(std::move(acceptor)), endpoint_(endpoint) {}

  asio::awaitable<Result<std::unique_ptr<Stream>>> Accept() override {
    while (acceptor_.is_open()) {
      typename Protocol::socket socket(io_);
      const auto [error] = co_await acceptor_.async_accept(socket, kToken);
      if (!error) {
        std::unique_ptr<Stream> stream = Wrap(std::move(socket));
        if (stream == nullptr) continue;
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
  virtual std::unique_ptr<Stream> Wrap(typename Protocol::socket socket) = 0;

  asio::io_context& io_;
  typename Protocol::acceptor acceptor_;
  const Endpoint endpoint_;
};

class TcpListener final : public SocketListener<tcp> {
 public:
  using SocketListener::SocketListener;

 private:
  std::unique_ptr<Stream> Wrap(tcp::socket socket) override {
    error_code gone;
    const tcp::endpoint remote = socket.remote_endpoint(gone);
    if (gone) return nullptr;
    // Replies are written whole; waiting for more only adds latency.
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    const Endpoint peer = FromAsio(remote);
    return MakeStream(std::move(socket), peer, peer.ToString());
  }
};

class UnixListener final : public SocketListener<stream_protocol> {
 public:
  UnixListener(asio::io_context& io, stream_protocol::acceptor acceptor, SocketFile file,
               const std::string& path)
      : SocketListener(io, std::move(acceptor), Endpoint{}),
        file_(std::move(file)),
        peer_name_("unix:" + path) {}
  ~UnixListener() override { UnixListener::Close(); }

  void Close() override {
    SocketListener::Close();
    if (file_) file_->Remove();
    file_.reset();
  }

 private:
  std::unique_ptr<Stream> Wrap(stream_protocol::socket socket) override {
    return MakeStream(std::move(socket), Endpoint{}, peer_name_);
  }

  std::optional<SocketFile> file_;
  const std::string peer_name_;
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

Result<std::unique_ptr<Listener>> Listener::OpenUnix(asio::io_context& io,
                                                     const std::string& path) {
  if (auto way = MakeWayForSocket(path); !way) return way.error();
  const stream_protocol::endpoint local(path);
  stream_protocol::acceptor acceptor(io);
  error_code error;
  acceptor.open(local.protocol(), error);
  if (!error) acceptor.bind(local, error);
  if (error) {
    return Unavailable("socket " + path + ": " + error.message() +
                       "; its folder must exist and be writable at the start");
  }
  auto file = SocketFile::Publish(path);
  if (!file) return std::move(file).error();
  acceptor.listen(kBacklog, error);
  if (error) {
    file->Remove();
    return Unavailable("socket " + path + ": " + error.message());
  }
  std::unique_ptr<Listener> listener =
      std::make_unique<UnixListener>(io, std::move(acceptor), std::move(*file), path);
  return listener;
}

}  // namespace tlsrpt::net
