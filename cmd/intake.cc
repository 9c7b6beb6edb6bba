#include "cmd/intake.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/net/dns_cache.h"
#include "base/net/tls_context.h"
#include "cmd/certificate.h"
#include "cmd/dkim_keys.h"
#include "cmd/domain_entry.h"
#include "cmd/domain_watch.h"
#include "cmd/first_steps.h"
#include "cmd/intake_servers.h"
#include "cmd/paths.h"
#include "cmd/version.h"
#include "ingest/flow/drain.h"
#include "ingest/flow/mail_voucher.h"
#include "ingest/flow/trusted_network_voucher.h"
#include "ingest/flow/voucher.h"
#include "ingest/spool/spool.h"
#include "store/admin/domain_list.h"
#include "store/model/domain_name.h"
#include "store/schema/migrate.h"
#include "store/writer/writer.h"

namespace tlsrpt::cmd {
namespace {

// What waits for DNS may take so much of the spool's quota: a tenth (DESIGN 4).
constexpr std::int64_t kDnsWaitShare = 10;

// Whether the login of the DSN may make partitions. That of an intake apart need not:
// what reads strangers' bytes is then kept from changing tables.
Result<bool> MayOwn(store::Connection& connection) {
  const auto may_own = connection.Transact(
      [](store::Transaction& tx) { return tx.Query("may_own")[0].Bool("may_own"); });
  if (!may_own) return may_own.error().error;
  return *may_own;
}

class Intake final : public DaemonPart {
 public:
  explicit Intake(DaemonBasis& basis) : basis_(basis) {}
  // Whoever asks has ended before.
  ~Intake() override {
    basis_.spool_stats = nullptr;
    basis_.count_intake = nullptr;
  }

  Result<void> ReadSettings() override {
    if (auto good = IntakeServers::CheckSettings(settings()); !good) return good;
    if (auto read = ReadNames(); !read) return read;
    auto trust = MailTrustOf(settings());
    if (!trust) return std::move(trust).error();
    mail_trust_ = *std::move(trust);
    auto resolver = ResolverOptionsOf(settings());
    if (!resolver) return std::move(resolver).error();
    resolver_options_ = *std::move(resolver);
    if (settings().smtp.tls_certificate.empty()) return {};  // Prepare() makes one
    certificate_.emplace(settings().smtp.tls_certificate, settings().smtp.tls_key,
                         basis_.log);
    auto tls = certificate_->Load();
    if (!tls) return std::move(tls).error();
    tls_ = std::move(*tls);
    return {};
  }

  Result<void> Prepare(const Database& database) override {
    database_ = &database;
    if (auto done = OpenSpool(); !done) return done;
    if (auto done = LearnDomains(); !done) return done;
    if (auto done = OpenVoucher(); !done) return done;
    // A self-signed certificate is made in the data directory, so by its owner.
    if (tls_ == nullptr) {
      auto made = net::LoadOrMakeSelfSigned(settings().data_dir, settings().smtp.hostname,
                                            basis_.clock);
      if (!made) return std::move(made).error();
      tls_ = std::move(*made);
    }
    return {};
  }

  Result<void> Listen() override { return StartServers(); }

  Result<void> Start() override {
    StartDrain();
    if (certificate_) certificate_->CheckWatchable();
    // A first heartbeat, before there can be anything that it does not know of.
    KeepHouse();
    accepting_ = true;
    return {};
  }

  void AddPorts(nlohmann::json& ports) const override { servers_->AddPorts(ports); }

  void Announce() const override {
    PrintFirstSteps(basis_.settings, servers_->SmtpPort());
  }

  void Reload() override {
    if (certificate_) certificate_->AskForReload();
  }

  // Says how this node is, and looks what became of certificate and domains.
  void KeepHouse() override {
    if (certificate_) {
      if (const auto tls = certificate_->Renewed()) servers_->SetTls(tls);
    }
    const auto kept = [&]() -> Result<void> {
      if (!settings_added_) {
        if (auto checked = CheckDatabase(); !checked) return checked;
      }
      if (auto polled = watch_->Poll(); !polled) return polled;
      domains_known_ = true;
      if (auto beat = Beat(); !beat) return beat;
      NoteReplay(spool_->Stats().replayed);
      return {};
    }();
    if (!kept && !away_) {
      basis_.log.Write(Event::kDatabaseAway,
                       {{"where", "housekeeping"}, {"what", kept.error().message}});
    }
    if (kept && away_) basis_.log.Write(Event::kDatabaseBack, {});
    away_ = !kept;
  }

  void Stop() override {
    if (servers_) servers_->Stop();
    if (drain_) drain_->Stop();
    // What was accepted since the last beat stays here until the next start, and no
    // verdict given meanwhile may pass it over. With the database away nobody is told.
    if (heartbeat_) (void)Beat();
    if (spool_) spool_->Stop();
    drain_.reset();
    heartbeat_.reset();
    watch_.reset();
  }

 private:
  // This node lives, and so much of what it accepted is not stored.
  Result<void> Beat() {
    const ingest::SpoolStats stats = spool_->Stats();
    return heartbeat_->WriteHeartbeat({.spool_id = stats.spool_id,
                                       .now = basis_.clock.Now(),
                                       .started_at = basis_.started_at,
                                       .version = std::string(kVersion),
                                       .spool_depth = stats.depth,
                                       .spool_waiting = stats.waiting,
                                       .spool_oldest_at = stats.oldest_at});
  }

  void NoteReplay(std::int64_t replayed) {
    if (replayed == replayed_) return;
    basis_.log.Write(Event::kSpoolReplayed,
                     {{"entries", std::to_string(replayed - replayed_)}});
    replayed_ = replayed;
  }

  Settings& settings() { return basis_.settings; }

  Result<void> OpenSpool() {
    auto spool = ingest::Spool::Open(
        {.path = SpoolPath(settings()),
         .quota_bytes = static_cast<std::uint64_t>(settings().spool.quota_bytes),
         .min_free_disk_bytes =
             static_cast<std::uint64_t>(settings().spool.min_free_disk_bytes),
         .keep = settings().spool.keep},
        basis_.clock);
    if (!spool) return std::move(spool).error();
    spool_ = std::move(*spool);
    basis_.spool_stats = [this] { return spool_->Stats(); };
    return {};
  }

  // From the database if it answers, else as they were last known: an outage must not
  // turn reports away.
  Result<void> LearnDomains() {
    watch_.emplace(*database_, settings(), recipients_, views_, basis_.log);
    const auto cached = watch_->LoadCached();
    if (!cached) return cached.error();
    if (const auto fits = CheckDatabase(); !fits) {
      if (fits.error().kind != ErrorKind::kUnavailable || settings().database.empty()) {
        return fits.error();
      }
      basis_.log.Write(Event::kDatabaseAway,
                       {{"where", "start"}, {"what", fits.error().message}});
      away_ = true;
    }
    domains_known_ = *cached || !away_;
    return {};
  }

  Result<void> OpenVoucher() {
    auto resolver = net::OpenUnboundResolver(resolver_options_);
    if (!resolver) return std::move(resolver).error();
    dns_ = std::make_unique<net::DnsCache>(std::move(*resolver));
    keys_.emplace(*dns_);
    voucher_.emplace(mail_trust_, *keys_, views_, &posted_);
    return {};
  }

  // Adds what the settings name, and reads what there is.
  Result<void> CheckDatabase() {
    auto connection = database_->Connect(kRoleIngest);
    if (!connection) return std::move(connection).error();
    const auto schema = store::CheckSchema(**connection);
    if (!schema) return schema.error().error;
    // Before the first report; later ones are the worker's. A login without the right
    // leaves all of them to `migrate` and to a worker.
    const auto may_own = MayOwn(**connection);
    if (!may_own) return may_own.error();
    if (*may_own) {
      if (auto made = EnsurePartitions(*database_, settings()); !made) {
        return made.error();
      }
    }

    const auto now = basis_.clock.Now();
    if (auto added = store::AddDomains(**connection, domains_, "settings", now); !added) {
      return std::move(added).error().error;
    }
    if (auto added = store::AddMxHosts(**connection, mx_hosts_, now); !added) {
      return std::move(added).error().error;
    }
    settings_added_ = true;
    return watch_->Poll();
  }

  // What the settings call ours, checked before there is a database to tell.
  Result<void> ReadNames() {
    for (const std::string& name : settings().domains) {
      auto domain = NormaliseDomainEntry(name);
      if (!domain) return Wrap(std::move(domain).error(), "domain " + name);
      domains_.push_back(std::move(*domain));
    }
    for (const std::string& name : settings().mx_hosts) {
      auto host = store::NormaliseDomain(name);
      if (!host) return Wrap(std::move(host).error(), "MX host " + name);
      mx_hosts_.push_back(std::move(*host));
    }
    const auto recipients =
        ingest::Recipients::Make(domains_, settings().recipients,
                                 settings().smtp.hostname, store::NormaliseDomain);
    return recipients ? Result<void>() : recipients.error();
  }

  Result<void> StartServers() {
    servers_.emplace(
        settings(),
        IntakeServerParts{
            .clock = basis_.clock,
            .log = basis_.log,
            .recipients = recipients_,
            .tls = tls_,
            .sink = [this](ingest::SpoolEntry entry,
                           auto done) { spool_->Put(std::move(entry), std::move(done)); },
            .has_room = [this](std::uint64_t bytes) { return HasRoom(bytes); }});
    if (auto listens = servers_->Listen(); !listens) return listens;
    basis_.count_intake = [this] { servers_->CountInto(basis_.metrics); };
    return {};
  }

  Result<void> HasRoom(std::uint64_t bytes) const {
    if (!accepting_ || !domains_known_) {
      return Error{ErrorKind::kUnavailable, "the list of domains is not known yet"};
    }
    return spool_->HasRoom(bytes);
  }

  void StartDrain() {
    const auto make_writer = [this] {
      store::ConnectOptions options = database_->Options(kRoleIngest);
      // As the worker does itself: half of a batch's time is PostgreSQL's.
      options.lets_others_first = database_->RunsServer();
      return std::make_unique<store::Writer>(std::move(options), settings().node);
    };
    drain_ = std::make_unique<ingest::Drain>(
        ingest::DrainOptions{
            .workers = static_cast<std::size_t>(settings().flow.workers),
            .batch_receipts = static_cast<std::size_t>(settings().flow.batch_receipts),
            .retention = std::chrono::months(settings().retention.reports_months),
            .node = settings().node,
            .dns_wait = {.max_bytes = static_cast<std::uint64_t>(
                             settings().spool.quota_bytes / kDnsWaitShare)}},
        ingest::DrainParts{.spool = *spool_,
                           .views = views_,
                           .voucher = *voucher_,
                           .clock = basis_.clock,
                           .log = basis_.log,
                           .make_writer = make_writer,
                           .metrics = &basis_.metrics});
    heartbeat_ =
        std::make_unique<store::Writer>(database_->Options(kRoleIngest), settings().node);
  }

  DaemonBasis& basis_;
  const Database* database_ = nullptr;
  const ingest::NobodyVouches nobody_;
  const ingest::TrustedNetworkVouches posted_{nobody_};

  std::optional<Certificate> certificate_;  // none: one made at the first start
  std::shared_ptr<const net::TlsContext> tls_;
  ingest::RecipientList recipients_;
  ingest::DomainViews views_;
  std::unique_ptr<net::DnsCache> dns_;
  std::optional<CachedKeys> keys_;
  std::optional<ingest::MailVoucher> voucher_;
  std::unique_ptr<ingest::Spool> spool_;
  std::optional<DomainWatch> watch_;
  std::unique_ptr<ingest::Drain> drain_;
  std::unique_ptr<store::Writer> heartbeat_;
  std::optional<IntakeServers> servers_;

  std::atomic<bool> accepting_ = false;  // read by the servers' threads
  std::atomic<bool> domains_known_ = false;
  bool away_ = false;
  // Of the settings, read.
  std::vector<std::string> domains_;
  std::vector<std::string> mx_hosts_;
  ingest::MailTrust mail_trust_;
  net::ResolverOptions resolver_options_;
  bool settings_added_ = false;
  std::int64_t replayed_ = 0;
};

}  // namespace

std::unique_ptr<DaemonPart> MakeIntake(DaemonBasis& basis) {
  return std::make_unique<Intake>(basis);
}

}  // namespace tlsrpt::cmd
