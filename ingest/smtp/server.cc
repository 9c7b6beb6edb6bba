#include "ingest/smtp/server.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include "base/crash_point.h"
#include "base/net/connection_limits.h"
#include "base/net/crowd.h"
#include "base/net/endpoint.h"
#include "base/net/mailbox.h"
#include "base/net/socket_file.h"
#include "base/net/stream.h"
#include "base/thread.h"
#include "base/uuid.h"
#include "ingest/smtp/reply.h"

// g++ 12 takes Asio's frame allocator, inlined on one side only, for a mismatch.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace tlsrpt::ingest {
namespace {

namespace asio = boost::asio;
using std::chrono::steady_clock;

// A report in one read; TLS gives 16 KB at a time anyway.
constexpr std::size_t kReadBytes = 64u << 10;

// For last words to a peer that may not be reading any more.
constexpr std::chrono::seconds kLastWordsTime(5);

// There may be thousands of them a second, and they have one cause.
constexpr std::chrono::minutes kTellOfNoRoomEvery(1);

// What the sink says of one message. Touched on the server's thread only.
struct Answer {
  std::optional<Result<void>> result;
  asio::steady_timer* wakes = nullptr;  // while the session waits
};

struct Connection {
  Connection(std::unique_ptr<net::Stream> accepted, net::ConnectionLimits::Lease taken,
             SmtpSettings settings_of_all, bool offer_starttls)
      : stream(std::move(accepted)),
        lease(std::move(taken)),
        settings(std::move(settings_of_all)),
        session(settings, offer_starttls) {}

  std::unique_ptr<net::Stream> stream;
  net::ConnectionLimits::Lease lease;
  SmtpSettings settings;  // its own: how much room there is depends on the peer
  SmtpSession session;
  std::string out;            // replies not written yet
  bool acknowledges = false;  // one of them says that a message is ours
  std::optional<steady_clock::time_point> message_deadline;
  steady_clock::time_point command_deadline;              // of the command under way
  std::optional<steady_clock::time_point> peer_deadline;  // see net::Crowd
  asio::steady_timer* waits_for_answer = nullptr;
};

}  // namespace

class SmtpServer::Impl {
 public:
  Impl(SmtpServerOptions options, SmtpServerParts parts)
      : options_(std::move(options)),
        parts_(std::move(parts)),
        on_unix_socket_(net::IsSocketPath(options_.listen)),
        transport_(options_.protocol == SmtpProtocol::kLmtp ? "lmtp" : "smtp"),
        limits_(options_.max_connections,
                on_unix_socket_ ? options_.max_connections
                                : options_.max_connections_per_peer,
                {options_.max_held_bytes, options_.limits.max_message_bytes}) {
    settings_.protocol = options_.protocol;
    settings_.host_name = options_.host_name;
    settings_.limits = options_.limits;
    settings_.recipients = parts_.recipients;
    settings_.counters = &counters_;
  }

  Result<void> Start() {
    auto listener = Listen();
    if (!listener) return listener.error();
    listener_ = std::move(*listener);
    asio::co_spawn(io_, AcceptAll(), asio::detached);
    thread_ = std::thread([this] { Run(); });
    return {};
  }

  std::uint16_t Port() const { return listener_->endpoint().port; }
  const SmtpCounters& counters() const { return counters_; }

  void SetTls(std::shared_ptr<const net::TlsContext> tls) {
    const std::lock_guard lock(tls_mutex_);
    parts_.tls = std::move(tls);
  }

  void Stop() {
    const std::lock_guard lock(stop_mutex_);
    if (!thread_.joinable()) return;
    asio::post(io_, [this] { BeginStop(); });
    thread_.join();
    mailbox_->Close();
  }

 private:
  Result<std::unique_ptr<net::Listener>> Listen() {
    if (on_unix_socket_) return net::Listener::OpenUnix(io_, options_.listen);
    const auto endpoint = net::ParseEndpoint(options_.listen);
    if (!endpoint) return endpoint.error();
    return net::Listener::Open(io_, *endpoint);
  }

  // --- the server's thread
  // --------------------------------------------------------------

  void Run() {
    NameThread(transport_.c_str());
    AskForShortSlices();
    for (;;) {
      try {
        io_.run();
        return;
      } catch (const std::exception& e) {  // no connection's: those have their own
        Log(LogLevel::kError, e.what());
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

  // Patience is over. A message without an answer will be sent again.
  void EndStop() {
    for (Connection* connection : connections_) {
      connection->stream->Close();
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
        Log(LogLevel::kError, std::string("new connection: ") + e.what());
      }
    }
  }

  void Admit(std::unique_ptr<net::Stream> stream) {
    counters_.connections.fetch_add(1, std::memory_order_relaxed);
    auto lease = limits_.Take(stream->peer().address);
    if (!lease) {
      counters_.Refused(SmtpRefusal::kConnectionLimit);
      Log(LogLevel::kDebug, "too many connections, refused " + stream->PeerName());
      std::string reply;
      AppendReply({421, "4.7.0", "too many connections, try again later"}, reply);
      return stream->RefuseWith(reply);
    }
    crowd_.HurryAll(connections_);
    auto connection = std::make_unique<Connection>(std::move(stream), std::move(*lease),
                                                   settings_, OffersTls());
    connection->settings.has_room = [this, c = connection.get()](std::uint64_t bytes) {
      return HasRoom(*c, bytes);
    };
    asio::co_spawn(io_, Serve(std::move(connection)), asio::detached);
  }

  asio::awaitable<void> Serve(std::unique_ptr<Connection> connection) {
    connections_.insert(connection.get());
    if (stopping_) connection->stream->Interrupt();  // accepted a moment too late
    counters_.open_connections.fetch_add(1, std::memory_order_relaxed);
    try {
      co_await Converse(*connection);
    } catch (const std::exception& e) {
      Log(LogLevel::kError, connection->stream->PeerName() + ": " + e.what());
      std::string reply;
      AppendReply(ReplyFor(ErrorKind::kInternal, "internal error, closing"), reply);
      connection->stream->RefuseWith(reply);
    }
    connection->stream->Close();
    connection->lease.Hold(0);
    counters_.open_connections.fetch_sub(1, std::memory_order_relaxed);
    connections_.erase(connection.get());
    if (stopping_ && connections_.empty()) stop_timer_.cancel();
  }

  // --- one connection
  // -------------------------------------------------------------------

  asio::awaitable<void> Converse(Connection& c) {
    const auto room = std::make_unique_for_overwrite<char[]>(kReadBytes);
    c.session.Greet(c.out);
    SmtpWant want = SmtpWant::kInput;
    for (;;) {
      // A command has the time of RFC 5321, 4.5.3.2 from the answer to the one before.
      // What completes none has no answer, and gets it no more time. In a message each
      // read has as much, and the message an end of its own.
      const bool answered = !c.out.empty() || c.session.InMessage();
      const bool written = co_await WriteReplies(c, want);
      if (!written) co_return;
      if (want == SmtpWant::kClose) co_return co_await c.stream->Finish();
      if (want == SmtpWant::kStartTls) {
        const bool secured = co_await StartTls(c);
        if (!secured) co_return;
      }

      if (answered) c.command_deadline = steady_clock::now() + options_.command_timeout;
      crowd_.WaitUntil(c, ReadDeadline(c));
      const auto count = co_await c.stream->Read({room.get(), kReadBytes});
      c.command_deadline = net::Crowd::StopWaiting(c);
      if (count && *count == 0) co_return;
      if (!count) {
        if (c.stream->TimedOut()) {
          c.session.SayTimeout(c.out);
        } else if (c.stream->Interrupted()) {
          c.session.SayShutdown(c.out);
        } else {
          co_return;
        }
        want = SmtpWant::kClose;
        continue;
      }
      want = co_await TakeBytes(c, {room.get(), *count});
    }
  }

  // Feeds the session; each message on the way is made durable and answered.
  asio::awaitable<SmtpWant> TakeBytes(Connection& c, std::string_view bytes) {
    for (;;) {
      const SmtpSession::Fed fed = c.session.Feed(bytes, c.out);
      bytes.remove_prefix(fed.taken);
      if (fed.want != SmtpWant::kMessage) {
        LimitMemory(c);
        LimitTime(c);
        co_return fed.want;
      }
      const bool answered = co_await Deliver(c);
      if (!answered) co_return SmtpWant::kClose;
      if (stopping_) {
        c.session.SayShutdown(c.out);
        co_return SmtpWant::kClose;
      }
    }
  }

  // False when the server stops before the answer is there.
  asio::awaitable<bool> Deliver(Connection& c) {
    SmtpMessage message = c.session.TakeMessage();
    const std::uint64_t body_bytes = message.body.size();
    c.lease.Hold(body_bytes);
    c.message_deadline.reset();

    const TimePoint now = parts_.clock->Now();
    const Uuid receipt_id = MakeUuidV7(now);
    auto answer = std::make_shared<Answer>();
    parts_.sink(
        SpoolEntry{receipt_id, now, transport_, c.stream->PeerName(), c.session.helo(),
                   c.stream->TlsVersion(), std::move(message.from), std::move(message.to),
                   std::move(message.body)},
        [mailbox = mailbox_, answer](Result<void> result) {
          mailbox->Post([answer, result = std::move(result)] {
            answer->result = result;
            if (answer->wakes != nullptr) answer->wakes->cancel();
          });
        });
    co_await WaitFor(c, *answer);
    c.lease.Hold(0);
    if (!answer->result) co_return false;

    if (answer->result->has_value()) {
      counters_.messages_accepted.fetch_add(1, std::memory_order_relaxed);
      counters_.message_bytes_accepted.fetch_add(body_bytes, std::memory_order_relaxed);
      c.session.Accepted(receipt_id, c.out);
      c.acknowledges = true;
      if (parts_.log) {
        Log(LogLevel::kInfo, "received " + receipt_id.ToString() + " from " +
                                 c.stream->PeerName() + ", " +
                                 std::to_string(body_bytes) + " bytes");
      }
    } else {
      const Error& error = answer->result->error();
      Log(RowOf(error.kind).log_level,
          "message from " + c.stream->PeerName() + " not taken: " + error.message);
      c.session.Refused(error.kind, "message not taken", c.out);
    }
    co_return true;
  }

  asio::awaitable<void> WaitFor(Connection& c, Answer& answer) {
    // Both ends of the wait are on this thread, so no answer can slip through between.
    asio::steady_timer event(io_, steady_clock::time_point::max());
    answer.wakes = c.waits_for_answer = &event;
    (void)co_await event.async_wait(asio::as_tuple(asio::use_awaitable));
    answer.wakes = c.waits_for_answer = nullptr;
  }

  asio::awaitable<bool> WriteReplies(Connection& c, SmtpWant want) {
    const auto now = steady_clock::now();
    crowd_.WaitUntil(
        c, now + (want == SmtpWant::kClose ? kLastWordsTime : options_.command_timeout));
    const auto written = co_await c.stream->Write(c.out);
    net::Crowd::StopWaiting(c);
    c.out.clear();
    if (c.acknowledges) CrashPoint("smtp.acknowledged");
    c.acknowledges = false;
    co_return written.has_value();
  }

  asio::awaitable<bool> StartTls(Connection& c) {
    crowd_.WaitUntil(c, steady_clock::now() + options_.command_timeout);
    const auto tls = Tls();
    const auto secured = co_await c.stream->StartTls(*tls);
    net::Crowd::StopWaiting(c);
    if (!secured) {
      counters_.tls_failures.fetch_add(1, std::memory_order_relaxed);
      Log(LogLevel::kInfo,
          c.stream->PeerName() + ": TLS handshake: " + secured.error().message);
      co_return false;
    }
    counters_.tls_sessions.fetch_add(1, std::memory_order_relaxed);
    c.session.TlsStarted();
    co_return true;
  }

  // --- limits
  // ---------------------------------------------------------------------------

  steady_clock::time_point ReadDeadline(const Connection& c) const {
    return c.message_deadline ? std::min(c.command_deadline, *c.message_deadline)
                              : c.command_deadline;
  }

  void LimitTime(Connection& c) {
    if (!c.session.InMessage()) {
      c.message_deadline.reset();
    } else if (!c.message_deadline) {
      c.message_deadline = steady_clock::now() + options_.message_timeout;
    }
  }

  void LimitMemory(Connection& c) {
    c.lease.Hold(c.session.held_bytes());
    if (c.session.held_bytes() == 0 || c.lease.HasRoom()) return;
    c.session.DropForLackOfRoom();
    c.lease.Hold(c.session.held_bytes());
  }

  Result<void> HasRoom(const Connection& c, std::uint64_t bytes) {
    if (!c.lease.HasRoom(bytes)) {
      return Error{ErrorKind::kUnavailable, "too many messages in memory"};
    }
    if (!parts_.has_room) return {};
    Result<void> room = parts_.has_room(bytes);
    if (!room && room.error().kind == ErrorKind::kUnavailable) TellOfNoRoom(room.error());
    return room;
  }

  void TellOfNoRoom(const Error& error) {
    const auto now = steady_clock::now();
    if (no_room_told_at_ && now - *no_room_told_at_ < kTellOfNoRoomEvery) return;
    no_room_told_at_ = now;
    Log(LogLevel::kWarning, "mail is refused with 452: " + error.message);
  }

  bool OffersTls() const { return Tls() != nullptr && !on_unix_socket_; }

  std::shared_ptr<const net::TlsContext> Tls() const {
    const std::lock_guard lock(tls_mutex_);
    return parts_.tls;
  }

  void Log(LogLevel level, std::string line) const {
    if (parts_.log) parts_.log(level, transport_ + ": " + line);
  }

  const SmtpServerOptions options_;
  SmtpServerParts parts_;
  const bool on_unix_socket_;
  const std::string transport_;
  mutable std::mutex tls_mutex_;  // parts_.tls
  SmtpCounters counters_;
  SmtpSettings settings_;
  net::ConnectionLimits limits_;
  const net::Crowd crowd_{limits_, options_.crowded_timeout};

  // One thread runs it and is the only one to use a socket of it; others only post.
  asio::io_context io_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  std::shared_ptr<net::Mailbox> mailbox_ = std::make_shared<net::Mailbox>(io_);
  std::unique_ptr<net::Listener> listener_;
  asio::steady_timer stop_timer_{io_};
  std::set<Connection*> connections_;
  std::optional<steady_clock::time_point> no_room_told_at_;
  bool stopping_ = false;

  std::mutex stop_mutex_;
  std::thread thread_;
};

SmtpServer::SmtpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

SmtpServer::~SmtpServer() { Stop(); }

Result<std::unique_ptr<SmtpServer>> SmtpServer::Start(SmtpServerOptions options,
                                                      SmtpServerParts parts) {
  auto impl = std::make_unique<Impl>(std::move(options), std::move(parts));
  if (auto started = impl->Start(); !started) return started.error();
  return std::unique_ptr<SmtpServer>(new SmtpServer(std::move(impl)));
}

std::uint16_t SmtpServer::Port() const { return impl_->Port(); }
const SmtpCounters& SmtpServer::counters() const { return impl_->counters(); }
void SmtpServer::SetTls(std::shared_ptr<const net::TlsContext> tls) {
  impl_->SetTls(std::move(tls));
}
void SmtpServer::Stop() { impl_->Stop(); }

}  // namespace tlsrpt::ingest
