#include "ingest/https/server.h"

#include <string>
#include <utility>
#include <variant>

namespace tlsrpt::ingest {
namespace {

// What an answer still needs when it comes after the server is gone.
struct Books {
  PostCounters counters;
  net::HttpLog log;

  void Log(LogLevel level, std::string line) const {
    if (log) log(level, std::move(line));
  }
};

}  // namespace

class HttpsServer::Impl {
 public:
  Impl(PostSettings settings, HttpsServerParts parts)
      : settings_(std::move(settings)),
        clock_(*parts.clock),
        sink_(std::move(parts.sink)),
        books_(std::make_shared<Books>()) {
    books_->log = std::move(parts.log);
  }

  Result<void> Start(net::HttpServerOptions options) {
    if (auto checked = CheckPostPath(settings_.path); !checked) return checked;
    if (options.tls == nullptr) {
      return Error{ErrorKind::kInternal, "https: no certificate"};
    }
    net::HttpServerParts parts;
    parts.handler = [this](net::HttpRequest request, net::HttpReply reply) {
      Take(std::move(request), std::move(reply));
    };
    parts.head_check = [this](const net::HttpRequest& head) { return CheckHead(head); };
    parts.log = books_->log;
    parts.clock = &clock_;
    settings_.max_body_bytes = options.max_body_bytes;
    auto started = net::HttpServer::Start(std::move(options), std::move(parts));
    if (!started) return std::move(started).error();
    http_ = std::move(*started);
    return {};
  }

  net::HttpServer& http() { return *http_; }
  const PostCounters& counters() const { return books_->counters; }

 private:
  // --- the HTTP server's thread

  std::optional<net::HttpResponse> CheckHead(const net::HttpRequest& head) {
    auto refused = RefuseHead(head, settings_);
    if (!refused) return std::nullopt;
    books_->counters.Refused(refused->reason);
    const bool ours = refused->reason == PostRefusal::kNoRoom;
    books_->Log(ours ? LogLevel::kWarning : LogLevel::kInfo,
                "https: " + head.peer.ToString() + ": " + head.method + ' ' +
                    head.target + " refused with " +
                    std::to_string(refused->response.status));
    return std::move(refused->response);
  }

  void Take(net::HttpRequest request, net::HttpReply reply) {
    const TimePoint now = clock_.Now();
    const Uuid receipt_id = MakeUuidV7(now);
    const std::string peer = request.peer.ToString();
    auto taken = TakePost(std::move(request), settings_, receipt_id, now);
    if (auto* refused = std::get_if<PostRefused>(&taken)) {
      books_->counters.Refused(refused->reason);
      books_->Log(LogLevel::kInfo, "https: post from " + peer + " refused with " +
                                       std::to_string(refused->response.status));
      return reply(std::move(refused->response));
    }
    SpoolEntry& entry = std::get<SpoolEntry>(taken);
    const std::size_t body_bytes = entry.body.size();
    const bool trusted = entry.peer_trusted;
    sink_(std::move(entry), [=, books = books_,
                             reply = std::move(reply)](const Result<void>& durable) {
      if (durable) {
        Count(*books, body_bytes, trusted);
        books->Log(LogLevel::kInfo, "https: received " + receipt_id.ToString() +
                                        " from " + peer + ", " +
                                        std::to_string(body_bytes) + " bytes" +
                                        (trusted ? ", a trusted network" : ""));
        return reply(PostAccepted(receipt_id));
      }
      PostRefused refused = PostNotTaken(durable.error());
      books->counters.Refused(refused.reason);
      books->Log(RowOf(durable.error().kind).log_level,
                 "https: post from " + peer + " not taken: " + durable.error().message);
      reply(std::move(refused.response));
    });
  }

  static void Count(Books& books, std::size_t body_bytes, bool trusted) {
    books.counters.accepted.fetch_add(1, std::memory_order_relaxed);
    books.counters.bytes_accepted.fetch_add(body_bytes, std::memory_order_relaxed);
    if (trusted) books.counters.trusted.fetch_add(1, std::memory_order_relaxed);
  }

  PostSettings settings_;  // const once started
  const Clock& clock_;
  const EntrySink sink_;
  const std::shared_ptr<Books> books_;
  std::unique_ptr<net::HttpServer> http_;  // last: its thread uses all of the above
};

HttpsServer::HttpsServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpsServer::~HttpsServer() = default;

Result<std::unique_ptr<HttpsServer>> HttpsServer::Start(net::HttpServerOptions options,
                                                        PostSettings settings,
                                                        HttpsServerParts parts) {
  auto impl = std::make_unique<Impl>(std::move(settings), std::move(parts));
  if (auto started = impl->Start(std::move(options)); !started) return started.error();
  return std::unique_ptr<HttpsServer>(new HttpsServer(std::move(impl)));
}

std::uint16_t HttpsServer::Port() const { return impl_->http().Port(); }
const PostCounters& HttpsServer::counters() const { return impl_->counters(); }
const net::HttpCounters& HttpsServer::http_counters() const {
  return impl_->http().counters();
}
void HttpsServer::SetTls(std::shared_ptr<const net::TlsContext> tls) {
  impl_->http().SetTls(std::move(tls));
}
void HttpsServer::Stop() { impl_->http().Stop(); }

}  // namespace tlsrpt::ingest
