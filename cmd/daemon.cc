#include "cmd/daemon.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <filesystem>
#include <mutex>
#include <optional>
#include <ranges>
#include <stop_token>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "cmd/atomic_file.h"
#include "cmd/command.h"
#include "cmd/descriptors.h"
#include "cmd/privileges.h"
#include "cmd/stop_signals.h"
#include "cmd/version.h"

namespace tlsrpt::cmd {
namespace {

// How often the house is kept: a domain that was added takes mail within seconds, and
// readiness counts a node as away after minutes (max_heartbeat_age).
constexpr std::chrono::seconds kHouseInterval{2};

// SIGTERM to exit 0 takes at most 10 s. For so long a batch in hand may still be
// committed; then it stays in the spool.
constexpr std::chrono::seconds kStopGrace{5};

LogLevel LevelOf(const std::string& name) {
  if (name == "debug") return LogLevel::kDebug;
  if (name == "warning") return LogLevel::kWarning;
  if (name == "error") return LogLevel::kError;
  return LogLevel::kInfo;
}

class Daemon {
 public:
  explicit Daemon(Settings settings)
      : log_(LevelOf(settings.log.level),
             settings.log.format == "json" ? LogFormat::kJson : LogFormat::kText),
        basis_{std::move(settings), log_, metrics_, clock_, clock_.Now(), {}} {}
  // After a start that failed there is still something to stop.
  ~Daemon() { StopParts(); }
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  Result<int> Run(MakeParts make_parts) {
    parts_ = make_parts(basis_);
    if (auto started = Start(); !started) return std::move(started).error();
    if (signals_.MustStop()) {
      Stop();
      return kExitOk;
    }
    log_.Write(Event::kStarted, {{"version", std::string(kVersion)}});
    for (const auto& part : parts_) part->Announce();
    // Not on this thread: it may wait for the database, and a signal must not.
    house_ = std::jthread([this](std::stop_token stop) { KeepHouse(stop); });
    signals_.Wait([this] {
      for (const auto& part : parts_) part->Reload();
    });
    Stop();
    return kExitOk;
  }

 private:
  using Step = Result<void> (DaemonPart::*)();

  Result<void> Start() {
    // What is made here holds strangers' mail and a key: nobody else's business.
    umask(077);
    RaiseDescriptorLimit();
    if (auto done = ForEach(&DaemonPart::ReadSettings); !done) return done;
    Settings& settings = basis_.settings;
    if (auto sound = CheckWritableTarget(settings.write_ports); !sound) return sound;
    auto folder = store::EnsureDataDir(settings.data_dir);
    if (!folder) return std::move(folder).error();
    settings.data_dir = folder->string();
    auto privileges = LowerPrivileges();
    if (!privileges) return std::move(privileges).error();

    if (auto done = OpenDatabase(); !done) return done;
    for (const auto& part : parts_) {
      if (auto done = part->Prepare(*database_); !done) return done;
    }
    // A first start takes seconds up to here, and no new work begins after a signal.
    if (signals_.MustStop()) return {};
    if (auto raised = privileges->Raise(); !raised) return raised;
    if (auto done = ForEach(&DaemonPart::Listen); !done) return done;
    if (auto lowered = privileges->Lower(); !lowered) return lowered;
    if (auto done = ForEach(&DaemonPart::Start); !done) return done;
    // Last: whoever waits for the file sends at once.
    if (auto raised = privileges->Raise(); !raised) return raised;
    if (auto written = WritePorts(); !written) return written;
    return privileges->DropForGood();
  }

  Result<void> ForEach(Step step) {
    for (const auto& part : parts_) {
      if (auto done = (part.get()->*step)(); !done) return done;
    }
    return {};
  }

  Result<Privileges> LowerPrivileges() {
    const Settings& settings = basis_.settings;
    const auto user = store::FindServiceUser(settings.run_as);
    if (!user) return user.error();
    if (user->must_switch) {
      if (auto reached = store::CheckReachable(settings.data_dir, *user); !reached) {
        return std::move(reached).error();
      }
      if (auto given = GiveDataDirTo(*user); !given) return std::move(given).error();
    }
    return Privileges::LowerTo(settings.run_as);
  }

  // The folder, and the files in it that a subcommand made as root before.
  Result<void> GiveDataDirTo(const store::ServiceUser& user) {
    namespace fs = std::filesystem;
    std::vector<std::string> paths{basis_.settings.data_dir};
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(paths.front(), error)) {
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

  bool IsEmbedded() const { return basis_.settings.database.empty(); }

  Result<void> OpenDatabase() {
    const Settings& settings = basis_.settings;
    auto database = Database::OpenToServe(
        settings, [this](const store::ServerEvent& event) { OnPostgres(event); });
    if (!database) return std::move(database).error();
    database_.emplace(std::move(*database));
    database_->OnQuery([this](std::string_view name, auto took, bool failed) {
      const std::chrono::duration<double> seconds = took;
      metrics_.Observe(Metric::kQueryDuration, {name}, seconds.count());
      if (failed) metrics_.Add(Metric::kQueryErrors, {name});
    });
    if (IsEmbedded()) {
      log_.Write(Event::kPostgresStarted, {{"data_dir", settings.data_dir}});
    }
    if (IsEmbedded() || settings.migrate) {
      const auto applied = BringUpToDate(*database_, settings);
      if (!applied) return applied.error();
      for (const std::string& name : *applied) {
        log_.Write(Event::kMigrated, {{"migration", name}});
      }
    }
    return database_->LetGuestsIn();
  }

  void OnPostgres(const store::ServerEvent& event) {
    log_.Write(event.kind == store::ServerEvent::Kind::kRestarted
                   ? Event::kPostgresStarted
                   : Event::kPostgresDied,
               {{"what", event.message}});
  }

  Result<void> WritePorts() {
    if (basis_.settings.write_ports.empty()) return {};
    nlohmann::json ports = nlohmann::json::object();
    for (const auto& part : parts_) part->AddPorts(ports);
    return WriteFileAtomically(basis_.settings.write_ports, ports.dump() + "\n");
  }

  void KeepHouse(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    while (!wake.wait_for(lock, stop, kHouseInterval,
                          [&] { return stop.stop_requested(); })) {
      for (const auto& part : parts_) {
        try {
          part->KeepHouse();
        } catch (const std::exception& e) {
          log_.Write(Event::kInternalError,
                     {{"where", "housekeeping"}, {"what", e.what()}});
        }
      }
    }
  }

  // Each uses those before it, which the vector would destroy first.
  void StopParts() {
    if (database_) database_->InterruptAll(kStopGrace);
    house_.request_stop();
    if (house_.joinable()) house_.join();
    for (const auto& part : parts_ | std::views::reverse) part->Stop();
    while (!parts_.empty()) parts_.pop_back();
  }

  // What was acknowledged is in the spool or in the database, whatever happens here.
  void Stop() {
    log_.Write(Event::kStopping, {});
    StopParts();
    database_.reset();
    if (IsEmbedded()) log_.Write(Event::kPostgresStopped, {});
    log_.Write(Event::kStopped, {});
  }

  const StopSignals signals_;  // first: the threads of all below inherit its mask
  const SystemClock clock_;
  Logger log_;
  Metrics metrics_;
  DaemonBasis basis_;
  std::optional<Database> database_;
  std::vector<std::unique_ptr<DaemonPart>> parts_;  // after what they use
  std::jthread house_;
};

}  // namespace

Result<int> RunDaemon(Settings settings, MakeParts make_parts) {
  return Daemon(std::move(settings)).Run(make_parts);
}

}  // namespace tlsrpt::cmd
