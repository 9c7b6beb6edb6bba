#include "cmd/intake_servers.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string_view>
#include <thread>
#include <utility>

#include "base/net/socket_file.h"
#include "cmd/listen_address.h"
#include "ingest/https/trust.h"

namespace tlsrpt::cmd {
namespace {

// SIGTERM to exit 0 takes at most 10 s; this is the part for clients with a submission
// half sent.
constexpr std::chrono::seconds kStopSessions{4};

void Raise(Metrics& metrics, Metric metric, const Metrics::Labels& labels,
           std::uint64_t total) {
  metrics.RaiseTo(metric, labels, static_cast<double>(total));
}

void CountMail(Metrics& metrics, std::string_view transport,
               const ingest::SmtpCounters& counters) {
  const Metrics::Labels labels{transport};
  Raise(metrics, Metric::kIntakeConnections, labels, counters.connections);
  metrics.Set(Metric::kIntakeOpenConnections, labels,
              static_cast<double>(counters.open_connections));
  Raise(metrics, Metric::kIntakeTlsSessions, labels, counters.tls_sessions);
  Raise(metrics, Metric::kIntakeTlsFailures, labels, counters.tls_failures);
  Raise(metrics, Metric::kIntakeAccepted, labels, counters.messages_accepted);
  Raise(metrics, Metric::kIntakeAcceptedBytes, labels, counters.message_bytes_accepted);
  for (std::size_t i = 0; i < ingest::kSmtpRefusalCount; ++i) {
    const auto reason = static_cast<ingest::SmtpRefusal>(i);
    Raise(metrics, Metric::kIntakeRefused, {transport, NameOf(reason)},
          counters.refused_count(reason));
  }
}

// Posts that were refused, and what was refused before there was a post.
void CountPosts(Metrics& metrics, const ingest::HttpsServer& server) {
  constexpr std::string_view kHttps = "https";
  const Metrics::Labels labels{kHttps};
  const ingest::PostCounters& posts = server.counters();
  const net::HttpCounters& http = server.http_counters();
  Raise(metrics, Metric::kIntakeConnections, labels, http.connections);
  metrics.Set(Metric::kIntakeOpenConnections, labels,
              static_cast<double>(http.open_connections));
  Raise(metrics, Metric::kIntakeTlsFailures, labels, http.tls_failures);
  Raise(metrics, Metric::kIntakeAccepted, labels, posts.accepted);
  Raise(metrics, Metric::kIntakeAcceptedBytes, labels, posts.bytes_accepted);
  Raise(metrics, Metric::kIntakeTrusted, {}, posts.trusted);
  for (std::size_t i = 0; i < ingest::kPostRefusalCount; ++i) {
    const auto reason = static_cast<ingest::PostRefusal>(i);
    Raise(metrics, Metric::kIntakeRefused, {kHttps, NameOf(reason)},
          posts.refused_count(reason));
  }
  const std::pair<std::string_view, std::uint64_t> kBefore[] = {
      {"connection_limit", http.refused_connections},
      {"bad_request", http.bad_requests},
      {"late_reply", http.late_replies}};
  for (const auto& [reason, total] : kBefore) {
    Raise(metrics, Metric::kIntakeRefused, {kHttps, reason}, total);
  }
}

}  // namespace

Result<void> IntakeServers::CheckSettings(const Settings& settings) {
  const std::string& smtp = settings.smtp.listen;
  const std::string& lmtp = settings.lmtp.listen;
  const std::string& https = settings.https.listen;
  if (!net::IsSocketPath(smtp)) {
    if (auto at = ReadListenAddress("smtp.listen", smtp); !at) return at.error();
  }
  if (!lmtp.empty() && !net::IsSocketPath(lmtp)) {
    if (auto at = ReadListenAddress("lmtp.listen", lmtp); !at) return at.error();
  }
  if (!https.empty()) {
    if (auto at = ReadListenAddress("https.listen", https); !at) return at.error();
  }
  if (settings.smtp.tls_certificate.empty() && !settings.smtp.tls_key.empty()) {
    return Error{ErrorKind::kMalformed,
                 "smtp.tls_key = " + settings.smtp.tls_key +
                     " without smtp.tls_certificate: name the certificate as well, or "
                     "leave both away for one that is made here"};
  }
  const auto networks = ingest::ParseTrustedNetworks(settings.https.trust_networks);
  if (!networks) return networks.error();
  return ingest::CheckPostPath(settings.https.path);
}

IntakeServers::IntakeServers(const Settings& settings, IntakeServerParts parts)
    : settings_(settings), parts_(std::move(parts)) {}

Result<void> IntakeServers::Listen() {
  if (auto done = ListenSmtp(); !done) return done;
  if (auto done = ListenLmtp(); !done) return done;
  return ListenHttps();
}

Result<void> IntakeServers::ListenSmtp() {
  auto server = StartMail(ingest::SmtpProtocol::kSmtp, settings_.smtp.listen);
  if (!server) return std::move(server).error();
  smtp_ = std::move(*server);
  LogListening("smtp", settings_.smtp.listen, smtp_->Port());
  return {};
}

Result<void> IntakeServers::ListenLmtp() {
  if (settings_.lmtp.listen.empty()) return {};
  auto server = StartMail(ingest::SmtpProtocol::kLmtp, settings_.lmtp.listen);
  if (!server) return Wrap(std::move(server).error(), "lmtp");
  lmtp_ = std::move(*server);
  LogListening("lmtp", settings_.lmtp.listen, lmtp_->Port());
  return {};
}

// What limits mail by SMTP limits mail by LMTP.
Result<std::unique_ptr<ingest::SmtpServer>> IntakeServers::StartMail(
    ingest::SmtpProtocol protocol, const std::string& listen) {
  const auto& smtp = settings_.smtp;
  ingest::SmtpServerOptions options;
  options.protocol = protocol;
  options.listen = listen;
  options.host_name = smtp.hostname;
  options.limits.max_message_bytes = static_cast<std::uint64_t>(smtp.max_message_bytes);
  // What is advertised must fit.
  options.max_held_bytes =
      std::max(options.max_held_bytes, options.limits.max_message_bytes);
  options.limits.max_recipients = static_cast<std::size_t>(smtp.max_recipients);
  options.max_connections = static_cast<std::size_t>(smtp.max_connections);
  options.max_connections_per_peer =
      static_cast<std::size_t>(smtp.max_connections_per_address);
  options.command_timeout = smtp.command_timeout;
  options.message_timeout = smtp.message_timeout;
  options.stop_timeout = kStopSessions;

  ingest::SmtpServerParts parts;
  parts.clock = &parts_.clock;
  parts.recipients = &parts_.recipients;
  parts.tls = parts_.tls;
  parts.sink = parts_.sink;
  parts.has_room = parts_.has_room;
  parts.log = LogSink();
  return ingest::SmtpServer::Start(std::move(options), std::move(parts));
}

Result<void> IntakeServers::ListenHttps() {
  const auto& https = settings_.https;
  if (https.listen.empty()) return {};
  net::HttpServerOptions options;
  options.listen = https.listen;
  options.tls = parts_.tls;
  options.max_body_bytes = static_cast<std::uint64_t>(https.max_body_bytes);
  options.max_held_bytes =
      std::max(options.max_held_bytes, options.max_header_bytes + options.max_body_bytes);
  options.max_connections = static_cast<std::size_t>(https.max_connections);
  options.max_connections_per_peer =
      static_cast<std::size_t>(https.max_connections_per_address);
  options.body_timeout = https.body_timeout;
  options.stop_timeout = kStopSessions;

  ingest::PostSettings post;
  post.path = https.path;
  auto networks = ingest::ParseTrustedNetworks(https.trust_networks);
  if (!networks) return std::move(networks).error();
  post.trusted_networks = std::move(*networks);
  post.has_room = parts_.has_room;

  ingest::HttpsServerParts parts;
  parts.clock = &parts_.clock;
  parts.sink = parts_.sink;
  parts.log = LogSink();
  auto server =
      ingest::HttpsServer::Start(std::move(options), std::move(post), std::move(parts));
  if (!server) return Wrap(std::move(server).error(), "https");
  https_ = std::move(*server);
  LogListening("https", https.listen, https_->Port());
  return {};
}

net::HttpLog IntakeServers::LogSink() const {
  return [&log = parts_.log](LogLevel level, std::string what) {
    log.Write(level >= LogLevel::kWarning ? Event::kIntakeRefused : Event::kIntake,
              {{"what", std::move(what)}});
  };
}

void IntakeServers::LogListening(const char* what, const std::string& address,
                                 std::uint16_t port) {
  parts_.log.Write(
      Event::kListening,
      {{"what", what}, {"address", address}, {"port", std::to_string(port)}});
}

void IntakeServers::AddPorts(nlohmann::json& ports) const {
  ports["smtp"] = smtp_->Port();
  if (lmtp_ && net::IsSocketPath(settings_.lmtp.listen)) {
    ports["lmtp"] = settings_.lmtp.listen;
  } else if (lmtp_) {
    ports["lmtp"] = lmtp_->Port();
  }
  if (https_) ports["https"] = https_->Port();
}

void IntakeServers::CountInto(Metrics& metrics) const {
  CountMail(metrics, "smtp", smtp_->counters());
  if (lmtp_) CountMail(metrics, "lmtp", lmtp_->counters());
  if (https_) CountPosts(metrics, *https_);
}

void IntakeServers::SetTls(const std::shared_ptr<const net::TlsContext>& tls) {
  smtp_->SetTls(tls);
  if (lmtp_) lmtp_->SetTls(tls);
  if (https_) https_->SetTls(tls);
}

void IntakeServers::Stop() {
  std::thread lmtp([this] {
    if (lmtp_) lmtp_->Stop();
  });
  std::thread https([this] {
    if (https_) https_->Stop();
  });
  if (smtp_) smtp_->Stop();
  lmtp.join();
  https.join();
}

}  // namespace tlsrpt::cmd
