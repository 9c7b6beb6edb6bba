// tlsrptd serve: everything in one process. Builds the parts in the order they need each
// other, connects them, keeps the house while they run, and takes them down in the
// reverse order. Exit 0: told to stop, and everything in hand is safe.

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/net/tls_context.h"
#include "base/ops/log.h"
#include "cmd/atomic_file.h"
#include "cmd/command.h"
#include "cmd/database.h"
#include "cmd/domain_entry.h"
#include "cmd/domain_watch.h"
#include "cmd/first_steps.h"
#include "cmd/paths.h"
#include "cmd/privileges.h"
#include "cmd/version.h"
#include "ingest/flow/drain.h"
#include "ingest/flow/voucher.h"
#include "ingest/smtp/server.h"
#include "ingest/spool/spool.h"
#include "store/model/domain_name.h"
#include "store/schema/migrate.h"
#include "store/writer/domain_list.h"
#include "store/writer/writer.h"

namespace tlsrpt::cmd {
namespace {

using std::chrono::steady_clock;

// How often the house is kept: a domain that was added takes mail within seconds, and
// readiness counts a node as away after minutes (max_heartbeat_age).
constexpr std::chrono::seconds kHouseInterval{2};
// Months begin rarely, but a missing partition stops reports.
constexpr std::chrono::hours kPartitionInterval{1};
// SIGTERM to exit 0 takes at most 10 s; this is the part for clients with a message
// half sent.
constexpr std::chrono::seconds kStopSessions{4};

LogLevel LevelOf(const std::string& name) {
  if (name == "debug") return LogLevel::kDebug;
  if (name == "warning") return LogLevel::kWarning;
  if (name == "error") return LogLevel::kError;
  return LogLevel::kInfo;
}

// Waits for SIGTERM or SIGINT, which are blocked in every thread.
class StopSignals {
 public:
  StopSignals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGINT);
    // Before any thread is made: they inherit the mask.
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    // A client that goes away is an error of one write, not of the process.
    signal(SIGPIPE, SIG_IGN);
  }

  // True: told to stop.
  bool WaitFor(std::chrono::seconds time) const {
    const timespec timeout{.tv_sec = time.count(), .tv_nsec = 0};
    return sigtimedwait(&set_, nullptr, &timeout) > 0;
  }

 private:
  sigset_t set_;
};

class Service {
 public:
  Service(Settings settings, Logger& log)
      : settings_(std::move(settings)), log_(log), started_at_(clock_.Now()) {}

  Result<int> Run() {
    if (auto ready = Build(); !ready) return std::move(ready).error();
    log_.Write(Event::kStarted, {{"version", std::string(kVersion)}});
    PrintFirstSteps(settings_, server_->Port());
    while (!signals_.WaitFor(kHouseInterval)) KeepHouse();
    TakeDown();
    return kExitOk;
  }

 private:
  Result<void> Build() {
    // What is made here holds strangers' mail and a key: nobody else's business.
    umask(077);
    auto folder = store::EnsureDataDir(settings_.data_dir);
    if (!folder) return std::move(folder).error();
    settings_.data_dir = folder->string();
    auto tls = LoadTls();
    if (!tls) return std::move(tls).error();
    auto privileges = LowerPrivileges();
    if (!privileges) return std::move(privileges).error();

    if (auto done = OpenDatabase(); !done) return done;
    if (auto done = OpenSpool(); !done) return done;
    if (auto done = LearnDomains(); !done) return done;

    // A self-signed certificate is made in the data directory, so by its owner.
    if (*tls == nullptr) {
      tls =
          net::LoadOrMakeSelfSigned(settings_.data_dir, settings_.smtp.hostname, clock_);
      if (!tls) return std::move(tls).error();
    }
    if (auto raised = privileges->Raise(); !raised) return raised;
    if (auto started = StartServer(*tls); !started) return started;
    if (auto lowered = privileges->Lower(); !lowered) return lowered;
    StartDrain();
    // A first heartbeat, before there can be anything that it does not know of.
    KeepHouse();
    accepting_ = true;
    // Last: whoever waits for the file sends at once.
    if (auto raised = privileges->Raise(); !raised) return raised;
    if (auto written = WritePorts(); !written) return written;
    return privileges->DropForGood();
  }

  // Root may have to read them. Nothing when the settings name none.
  Result<std::shared_ptr<const net::TlsContext>> LoadTls() {
    if (settings_.smtp.tls_certificate.empty()) {
      return std::shared_ptr<const net::TlsContext>();
    }
    return net::TlsContext::Load(settings_.smtp.tls_certificate,
                                 settings_.smtp.tls_key.empty()
                                     ? settings_.smtp.tls_certificate
                                     : settings_.smtp.tls_key);
  }

  Result<Privileges> LowerPrivileges() {
    const auto user = store::FindServiceUser(settings_.run_as);
    if (!user) return user.error();
    if (user->must_switch) {
      if (auto reached = store::CheckReachable(settings_.data_dir, *user); !reached) {
        return std::move(reached).error();
      }
      if (auto given = GiveDataDirTo(*user); !given) return std::move(given).error();
    }
    return Privileges::LowerTo(settings_.run_as);
  }

  // The folder, and the files in it that a subcommand made as root before.
  Result<void> GiveDataDirTo(const store::ServiceUser& user) {
    namespace fs = std::filesystem;
    std::vector<std::string> paths{settings_.data_dir};
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(settings_.data_dir, error)) {
      if (fs::is_regular_file(entry.symlink_status())) paths.push_back(entry.path());
    }
    for (const std::string& path : paths) {
      if (lchown(path.c_str(), user.uid, user.gid) != 0) {
        return Error{ErrorKind::kUnavailable, "cannot give " + path + " to user " +
                                                  user.name + ": " +
                                                  std::strerror(errno)};
      }
    }
    return {};
  }

  Result<void> OpenDatabase() {
    auto database = Database::OpenToServe(
        settings_, [this](const store::ServerEvent& event) { OnPostgres(event); });
    if (!database) return std::move(database).error();
    database_.emplace(std::move(*database));
    if (settings_.database.empty()) {
      log_.Write(Event::kPostgresStarted, {{"data_dir", settings_.data_dir}});
    }
    if (settings_.database.empty() || settings_.migrate) {
      const auto applied = BringUpToDate(*database_, settings_);
      if (!applied) return applied.error();
      for (const std::string& name : *applied) {
        log_.Write(Event::kMigrated, {{"migration", name}});
      }
    }
    return {};
  }

  void OnPostgres(const store::ServerEvent& event) {
    log_.Write(event.kind == store::ServerEvent::Kind::kRestarted
                   ? Event::kPostgresStarted
                   : Event::kPostgresDied,
               {{"what", event.message}});
  }

  Result<void> OpenSpool() {
    auto spool = ingest::Spool::Open(
        {.path = SpoolPath(settings_),
         .quota_bytes = static_cast<std::uint64_t>(settings_.spool.quota_bytes),
         .min_free_disk_bytes =
             static_cast<std::uint64_t>(settings_.spool.min_free_disk_bytes),
         .keep = settings_.spool.keep},
        clock_);
    if (!spool) return std::move(spool).error();
    spool_ = std::move(*spool);
    return {};
  }

  // From the database if it answers, else as they were last known: an outage must not
  // turn reports away.
  Result<void> LearnDomains() {
    watch_.emplace(*database_, settings_, recipients_, views_);
    const auto cached = watch_->LoadCached();
    if (!cached) return cached.error();
    if (const auto fits = CheckDatabase(); !fits) {
      if (fits.error().kind != ErrorKind::kUnavailable || settings_.database.empty()) {
        return fits.error();
      }
      log_.Write(Event::kDatabaseAway,
                 {{"where", "start"}, {"what", fits.error().message}});
      away_ = true;
    }
    domains_known_ = *cached || !away_;
    return {};
  }

  // Adds what the settings name, and reads what there is.
  Result<void> CheckDatabase() {
    auto connection = database_->Connect(kRoleIngest);
    if (!connection) return std::move(connection).error();
    const auto schema = store::CheckSchema(**connection);
    if (!schema) return schema.error().error;
    if (auto made = EnsurePartitions(*database_, settings_); !made) return made.error();
    partitions_at_ = steady_clock::now();

    std::vector<std::string> domains;
    for (const std::string& name : settings_.domains) {
      auto domain = NormaliseDomainEntry(name);
      if (!domain) return Wrap(std::move(domain).error(), "domain " + name);
      domains.push_back(std::move(*domain));
    }
    std::vector<std::string> hosts;
    for (const std::string& name : settings_.mx_hosts) {
      auto host = store::NormaliseDomain(name);
      if (!host) return Wrap(std::move(host).error(), "MX host " + name);
      hosts.push_back(std::move(*host));
    }
    const auto now = clock_.Now();
    if (auto added = store::AddDomains(**connection, domains, "settings", now); !added) {
      return std::move(added).error().error;
    }
    if (auto added = store::AddMxHosts(**connection, hosts, now); !added) {
      return std::move(added).error().error;
    }
    settings_added_ = true;
    return watch_->Poll();
  }

  Result<void> StartServer(std::shared_ptr<const net::TlsContext> tls) {
    const auto& smtp = settings_.smtp;
    ingest::SmtpServerOptions options;
    options.listen = smtp.listen;
    options.host_name = smtp.hostname;
    options.limits.max_message_bytes = static_cast<std::uint64_t>(smtp.max_message_bytes);
    options.limits.max_recipients = static_cast<std::size_t>(smtp.max_recipients);
    options.max_connections = static_cast<std::size_t>(smtp.max_connections);
    options.max_connections_per_peer =
        static_cast<std::size_t>(smtp.max_connections_per_address);
    options.command_timeout = smtp.command_timeout;
    options.message_timeout = smtp.message_timeout;
    options.stop_timeout = kStopSessions;

    ingest::SmtpServerParts parts;
    parts.clock = &clock_;
    parts.recipients = &recipients_;
    parts.tls = std::move(tls);
    parts.sink = [this](ingest::SpoolEntry entry, auto done) {
      spool_->Put(std::move(entry), std::move(done));
    };
    parts.has_room = [this](std::uint64_t bytes) -> Result<void> {
      if (!accepting_ || !domains_known_) {
        return Error{ErrorKind::kUnavailable, "the list of domains is not known yet"};
      }
      return spool_->HasRoom(bytes);
    };
    parts.log = [this](LogLevel level, std::string what) {
      log_.Write(level >= LogLevel::kWarning ? Event::kIntakeRefused : Event::kIntake,
                 {{"what", std::move(what)}});
    };
    auto server = ingest::SmtpServer::Start(std::move(options), std::move(parts));
    if (!server) return std::move(server).error();
    server_ = std::move(*server);
    log_.Write(Event::kListening, {{"what", "smtp"},
                                   {"address", smtp.listen},
                                   {"port", std::to_string(server_->Port())}});
    return {};
  }

  Result<void> WritePorts() {
    if (settings_.write_ports.empty()) return {};
    const nlohmann::json ports = {{"smtp", server_->Port()}};
    return WriteFileAtomically(settings_.write_ports, ports.dump() + "\n");
  }

  void StartDrain() {
    const auto make_writer = [this] {
      return std::make_unique<store::Writer>(database_->Options(kRoleIngest),
                                             settings_.node);
    };
    drain_ = std::make_unique<ingest::Drain>(
        ingest::DrainOptions{
            .workers = static_cast<std::size_t>(settings_.flow.workers),
            .batch_receipts = static_cast<std::size_t>(settings_.flow.batch_receipts),
            .retention = std::chrono::months(settings_.retention.reports_months),
            .node = settings_.node},
        ingest::DrainParts{.spool = *spool_,
                           .views = views_,
                           .voucher = voucher_,
                           .clock = clock_,
                           .log = log_,
                           .make_writer = make_writer});
    heartbeat_ =
        std::make_unique<store::Writer>(database_->Options(kRoleIngest), settings_.node);
  }

  // Says how this node is, and looks what became of the domains and partitions.
  void KeepHouse() {
    const auto kept = [&]() -> Result<void> {
      if (!settings_added_) {
        if (auto checked = CheckDatabase(); !checked) return checked;
      }
      if (auto polled = watch_->Poll(); !polled) return polled;
      domains_known_ = true;
      const ingest::SpoolStats stats = spool_->Stats();
      if (auto beat = heartbeat_->WriteHeartbeat({.now = clock_.Now(),
                                                  .started_at = started_at_,
                                                  .version = std::string(kVersion),
                                                  .spool_depth = stats.depth,
                                                  .spool_waiting = stats.waiting,
                                                  .spool_oldest_at = stats.oldest_at});
          !beat) {
        return beat;
      }
      if (steady_clock::now() - partitions_at_ < kPartitionInterval) return {};
      partitions_at_ = steady_clock::now();
      if (auto made = EnsurePartitions(*database_, settings_); !made) return made.error();
      return {};
    }();
    if (!kept && !away_) {
      log_.Write(Event::kDatabaseAway,
                 {{"where", "housekeeping"}, {"what", kept.error().message}});
    }
    if (kept && away_) log_.Write(Event::kDatabaseBack, {});
    away_ = !kept;
  }

  // What was acknowledged is in the spool or in the database, whatever happens here.
  void TakeDown() {
    log_.Write(Event::kStopping, {});
    server_->Stop();
    drain_->Stop();
    spool_->Stop();
    drain_.reset();
    heartbeat_.reset();
    watch_.reset();
    database_.reset();
    if (settings_.database.empty()) log_.Write(Event::kPostgresStopped, {});
    log_.Write(Event::kStopped, {});
  }

  Settings settings_;
  Logger& log_;
  const StopSignals signals_;  // first: the threads of all below inherit its mask
  const SystemClock clock_;
  const TimePoint started_at_;
  const ingest::NobodyVouches voucher_;

  ingest::RecipientList recipients_;
  ingest::DomainViews views_;
  std::optional<Database> database_;
  std::unique_ptr<ingest::Spool> spool_;
  std::optional<DomainWatch> watch_;
  std::unique_ptr<ingest::Drain> drain_;
  std::unique_ptr<store::Writer> heartbeat_;
  std::unique_ptr<ingest::SmtpServer> server_;

  std::atomic<bool> accepting_ = false;  // read by the server's thread
  std::atomic<bool> domains_known_ = false;
  bool away_ = false;
  bool settings_added_ = false;
  steady_clock::time_point partitions_at_;
};

}  // namespace

void AddServe(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand(
      "serve",
      "Receive reports and store them, with a PostgreSQL of its own if no\n"
      "--database is given");
  auto flags = std::make_shared<FlagValues>();
  flags->AddTo(*command);
  command->callback([&chosen, flags] {
    chosen = [flags] {
      return RunWith(*flags, [](Settings settings) -> Result<int> {
        Logger log(LevelOf(settings.log.level),
                   settings.log.format == "json" ? LogFormat::kJson : LogFormat::kText);
        return Service(std::move(settings), log).Run();
      });
    };
  });
}

}  // namespace tlsrpt::cmd
