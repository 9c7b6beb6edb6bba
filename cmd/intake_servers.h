// The ports that reports come in by: SMTP, LMTP and HTTPS, as the settings name them.
//
// Errors   Listen(): kMalformed or kUnavailable, for the administrator.
// Threads  the main thread; the servers have one each.
// Lifetime what the parts point to outlives this object and every answer of the sink.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/net/tls_context.h"
#include "base/ops/log.h"
#include "base/ops/metrics.h"
#include "base/ops/settings.h"
#include "base/result.h"
#include "ingest/https/server.h"
#include "ingest/smtp/server.h"
#include "ingest/spool/entry_sink.h"

namespace tlsrpt::cmd {

struct IntakeServerParts {
  const Clock& clock;
  Logger& log;
  const ingest::RecipientList& recipients;
  std::shared_ptr<const net::TlsContext> tls;  // for STARTTLS and HTTPS
  ingest::EntrySink sink;
  // Whether a submission of so many bytes would be taken now.
  std::function<Result<void>(std::uint64_t)> has_room;
};

class IntakeServers {
 public:
  // What can be wrong with the settings that needs no port to find out.
  static Result<void> CheckSettings(const Settings& settings);

  IntakeServers(const Settings& settings, IntakeServerParts parts);

  Result<void> Listen();

  // {"smtp": 2525, "lmtp": 2424, "https": 8443}; of a unix socket the path; nothing for
  // what the settings turn off.
  void AddPorts(nlohmann::json& ports) const;
  std::uint16_t SmtpPort() const { return smtp_->Port(); }

  // What every port has counted since the start. Any thread, after Listen().
  void CountInto(Metrics& metrics) const;

  // For handshakes from now on, at every port.
  void SetTls(const std::shared_ptr<const net::TlsContext>& tls);

  // No new work; sessions with something in hand get their answer. All at the same time:
  // each may take seconds.
  void Stop();

 private:
  Result<void> ListenSmtp();
  Result<void> ListenLmtp();
  Result<void> ListenHttps();
  Result<std::unique_ptr<ingest::SmtpServer>> StartMail(ingest::SmtpProtocol protocol,
                                                        const std::string& listen);
  net::HttpLog LogSink() const;
  void LogListening(const char* what, const std::string& address, std::uint16_t port);

  const Settings& settings_;
  const IntakeServerParts parts_;
  std::unique_ptr<ingest::SmtpServer> smtp_;
  std::unique_ptr<ingest::SmtpServer> lmtp_;
  std::unique_ptr<ingest::HttpsServer> https_;
};

}  // namespace tlsrpt::cmd
