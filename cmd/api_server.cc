#include "cmd/api_server.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include "api/rest/service.h"
#include "api/web/page.h"
#include "base/net/endpoint.h"
#include "base/net/http_server.h"
#include "base/text.h"
#include "cmd/first_steps.h"
#include "cmd/listen_address.h"
#include "cmd/scrape.h"
#include "cmd/version.h"
#include "store/queries/tokens.h"

namespace tlsrpt::cmd {
namespace {

// The largest body the API takes is one domain name.
constexpr std::uint64_t kMaxBodyBytes = 64u << 10;
// An answer is wanted by somebody who waits; nothing of ours takes so long.
constexpr std::chrono::milliseconds kStatementTimeout = std::chrono::seconds(20);
// SIGTERM to exit 0 takes at most 10 s; the intake has its part of them.
constexpr std::chrono::milliseconds kStopRequests = std::chrono::seconds(2);
// Health checks come one by one, and must not wait for each other for long.
constexpr std::size_t kHealthThreads = 1;

bool IsLoopback(const net::IpAddress& address) {
  const auto& bytes = address.bytes();
  return address.IsV4() ? bytes[0] == 127 : address == *net::IpAddress::Parse("::1");
}

class HttpPart : public DaemonPart {
 public:
  HttpPart(DaemonBasis& basis, std::string what)
      : basis_(basis), what_(std::move(what)) {}

  void AddPorts(nlohmann::json& ports) const override {
    if (server_ != nullptr) ports[what_] = server_->Port();
  }

  void Stop() override {
    if (server_ != nullptr) server_->Stop();
    if (service_ != nullptr) service_->Stop();
  }

 protected:
  Result<void> Serve(const std::string& listen, api::ServiceOptions options,
                     const Database& database, bool ready_without_database) {
    options.workers.connect = database.Options(kRoleApi);
    options.workers.connect.statement_timeout = kStatementTimeout;
    api::ServiceParts parts;
    parts.log = &basis_.log;
    parts.metrics = &basis_.metrics;
    parts.around.clock = &basis_.clock;
    parts.around.version = std::string(kVersion);
    if (basis_.spool_stats) {
      parts.around.spool = [this]() -> api::SpoolView {
        const ingest::SpoolStats stats = basis_.spool_stats();
        return {stats.spool_id, stats.depth, stats.waiting, stats.oldest_at};
      };
    }
    parts.around.metrics =
        [this, rules = parts.around.readiness](store::Connection* connection) {
          return Scrape(basis_, rules, connection);
        };
    parts.around.ready_without_database = ready_without_database;
    parts.around.connect_as_admin = [&database] {
      return store::Connection::Open(database.Options(kRoleAdmin));
    };
    parts.page = api::FindPageFile;
    service_ = std::make_unique<api::Service>(std::move(options), std::move(parts));

    net::HttpServerOptions http;
    http.listen = listen;
    http.max_body_bytes = kMaxBodyBytes;
    http.stop_timeout = kStopRequests;
    net::HttpServerParts http_parts;
    http_parts.clock = &basis_.clock;
    http_parts.handler = [this](net::HttpRequest request, net::HttpReply reply) {
      service_->Handle(std::move(request), std::move(reply));
    };
    auto server = net::HttpServer::Start(std::move(http), std::move(http_parts));
    if (!server) return Wrap(std::move(server).error(), what_);
    server_ = *std::move(server);
    basis_.log.Write(Event::kListening, {{"what", what_},
                                         {"address", listen},
                                         {"port", std::to_string(server_->Port())}});
    return {};
  }

  std::uint16_t Port() const { return server_->Port(); }

  DaemonBasis& basis_;

 private:
  const std::string what_;
  std::unique_ptr<api::Service> service_;
  std::unique_ptr<net::HttpServer> server_;  // last: its handler uses the service
};

class ApiServer final : public HttpPart {
 public:
  explicit ApiServer(DaemonBasis& basis) : HttpPart(basis, "api") {}

  Result<void> ReadSettings() override {
    const auto at = ReadListenAddress("api.listen", basis_.settings.api.listen);
    if (!at) return at.error();
    on_loopback_ = IsLoopback(at->address);
    return {};
  }

  Result<void> Prepare(const Database& database) override {
    database_ = &database;
    return on_loopback_ ? Result<void>() : CheckThereIsAToken();
  }

  Result<void> Listen() override {
    const auto& settings = basis_.settings.api;
    api::ServiceOptions options;
    options.on_loopback = on_loopback_;
    for (const std::string& name : settings.host_names) {
      options.host_names.insert(ToLowerAscii(name));
    }
    options.workers.threads = static_cast<std::size_t>(settings.threads);
    return Serve(settings.listen, std::move(options), *database_,
                 /*ready_without_database=*/false);
  }

  void Announce() const override { PrintPage(basis_.settings, Port(), on_loopback_); }

 private:
  // With the database away nobody can tell; then every request is refused until it is
  // back and has said.
  Result<void> CheckThereIsAToken() {
    auto connection = database_->Connect(kRoleApi);
    if (!connection) return {};
    const auto tokens = store::ReadTokens(**connection);
    if (!tokens) return tokens.error().error;
    if (!tokens->empty()) return {};
    return Error{ErrorKind::kMalformed,
                 "api.listen = " + basis_.settings.api.listen +
                     ": others than this machine reach that address, and there is no "
                     "token; make one first (`tlsrptd token create`), or listen on "
                     "127.0.0.1"};
  }

  const Database* database_ = nullptr;
  bool on_loopback_ = true;
};

class HealthServer final : public HttpPart {
 public:
  HealthServer(DaemonBasis& basis, ReadyWithoutDatabase ready)
      : HttpPart(basis, "health"), ready_(ready) {}

  Result<void> ReadSettings() override {
    const std::string& listen = basis_.settings.health.listen;
    if (listen.empty()) return {};
    const auto at = ReadListenAddress("health.listen", listen);
    return at ? Result<void>() : at.error();
  }

  Result<void> Prepare(const Database& database) override {
    database_ = &database;
    return {};
  }

  Result<void> Listen() override {
    const std::string& listen = basis_.settings.health.listen;
    if (listen.empty()) return {};
    api::ServiceOptions options;
    options.on_loopback = false;  // nothing to hide, so no Host to check
    options.health_only = true;
    options.workers.threads = kHealthThreads;
    return Serve(listen, std::move(options), *database_,
                 ready_ == ReadyWithoutDatabase::kYes);
  }

 private:
  const ReadyWithoutDatabase ready_;
  const Database* database_ = nullptr;
};

}  // namespace

std::unique_ptr<DaemonPart> MakeApiServer(DaemonBasis& basis) {
  return std::make_unique<ApiServer>(basis);
}

std::unique_ptr<DaemonPart> MakeHealthServer(DaemonBasis& basis,
                                             ReadyWithoutDatabase ready) {
  return std::make_unique<HealthServer>(basis, ready);
}

}  // namespace tlsrpt::cmd
