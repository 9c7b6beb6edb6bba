#include "store/embedded/server.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <future>
#include <mutex>
#include <system_error>
#include <thread>

#include "store/embedded/admin_sql.h"
#include "store/embedded/binaries.h"
#include "store/embedded/child_process.h"
#include "store/embedded/cluster.h"
#include "store/embedded/postmaster_pid.h"
#include "store/embedded/server_log.h"
#include "store/embedded/service_user.h"
#include "store/embedded/socket_dir.h"

namespace tlsrpt::store {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kReadyPoll{20};
// The processes of a postmaster that was killed need a moment to notice.
constexpr milliseconds kRetryStart{200};
constexpr milliseconds kOldProcessesLinger{20'000};
// Restarts: at once, then after 1, 2, 4 ... 60 s; from the start again after ten quiet
// minutes.
constexpr milliseconds kFirstBackOff{1'000};
constexpr milliseconds kLongestBackOff{60'000};
constexpr milliseconds kQuietTime{600'000};
// serve ends within ten seconds of its SIGTERM. A fast shutdown writes a checkpoint, of
// 128 MB at most; an immediate one writes nothing and waits for nobody. What they leave
// undone the next start recovers from the WAL.
constexpr milliseconds kFastStop{5'000};
constexpr milliseconds kImmediateStop{2'000};
constexpr milliseconds kLogLinger{1'000};
// How often the server is looked at whether somebody else stops it. A file is read.
constexpr milliseconds kLook{1'000};
// A service manager may tell us and PostgreSQL to stop at the same time. Our own stop
// comes before this is over, or soon after, and who is connected works on until then.
constexpr milliseconds kForeignStopGrace{5'000};

// What a server says that meets what its killed predecessor left behind.
bool MeetsThePast(const std::string& output) {
  return output.find("is still in use") != std::string::npos ||
         output.find("lock file") != std::string::npos;
}

std::string HowItEnded(int status) {
  if (WIFSIGNALED(status)) return "by signal " + std::to_string(WTERMSIG(status));
  return "with exit status " + std::to_string(WEXITSTATUS(status));
}

// Makes `folder` and what is missing above it; what was there stays as it is.
std::error_code MakeFolders(const std::filesystem::path& folder) {
  std::error_code error;
  const auto found = std::filesystem::status(folder, error);
  if (std::filesystem::is_directory(found)) return {};
  if (std::filesystem::exists(found)) {
    return std::make_error_code(std::errc::not_a_directory);
  }
  if (found.type() != std::filesystem::file_type::not_found) return error;
  if (const auto above = MakeFolders(folder.parent_path())) return above;
  error.clear();
  if (!std::filesystem::create_directory(folder, error)) return error;
  // PostgreSQL's user passes through when we are root; nobody lists it.
  if (chmod(folder.c_str(), geteuid() == 0 ? 0711 : 0700) != 0) {
    return {errno, std::generic_category()};
  }
  return {};
}

}  // namespace

Result<std::filesystem::path> EnsureDataDir(const std::filesystem::path& data_dir) {
  std::error_code error;
  auto absolute = std::filesystem::absolute(data_dir, error).lexically_normal();
  if (!absolute.has_filename()) absolute = absolute.parent_path();  // "dir/"
  if (!error) error = MakeFolders(absolute);
  std::filesystem::path canonical;
  if (!error) canonical = std::filesystem::canonical(absolute, error);
  if (error) {
    return Error{ErrorKind::kUnavailable, "data directory " + absolute.string() + ": " +
                                              error.message() + "; choose another"};
  }
  return canonical;
}

struct EmbeddedServer::Impl {
  Impl(const EmbeddedOptions& given, DataDirLock held)
      : options(given), lock(std::move(held)) {}

  EmbeddedOptions options;
  DataDirLock lock;
  ServiceUser user;
  PostgresBinaries binaries;
  std::filesystem::path socket_dir;

  std::mutex mutex;
  std::condition_variable changed;
  pid_t pid = 0;          // guarded by mutex; 0 while there is no process
  bool stopping = false;  // guarded by mutex
  std::thread thread;

  std::string Dsn(const std::string& database) const {
    return SocketDsn(socket_dir, kEmbeddedPort, database);
  }
  std::filesystem::path StartLog() const {
    return options.data_dir / "postgres-start.log";
  }
  std::filesystem::path LogDir() const { return ClusterDir(options.data_dir) / "log"; }

  Result<void> Prepare();
  Result<void> WaitForOldPostmaster();
  Result<void> Launch();
  Result<void> LaunchOnce(steady_clock::time_point until, bool& try_again);
  std::string WhatItSaid(const LogMark& before) const;
  Result<void> EnsureDatabase();

  bool Stopping() {
    const std::lock_guard guard(mutex);
    return stopping;
  }
  // Sleeps, or returns early when it is time to stop.
  void Pause(milliseconds time) {
    std::unique_lock guard(mutex);
    changed.wait_for(guard, time, [&] { return stopping; });
  }
  void Tell(ServerEvent::Kind kind, const std::string& message) const {
    if (options.on_event) options.on_event(ServerEvent{kind, message});
  }
  int AwaitDeath();
  bool AwaitForeignStop();
  void Supervise();
  void Run(std::promise<Result<void>> started);
};

Result<void> EmbeddedServer::Impl::Prepare() {
  auto found_user = FindServiceUser(options.service_user);
  if (!found_user) return found_user.error();
  user = *std::move(found_user);
  if (auto reached = CheckReachable(options.data_dir, user); !reached) return reached;

  auto found = FindBinaries(options.binaries_root, ClusterDir(options.data_dir));
  if (!found) return found.error();
  binaries = *std::move(found);

  socket_dir = SocketDirFor(options.data_dir, user.must_switch);
  if (auto made = MakePrivateDir(socket_dir, user); !made) return made;
  return EnsureCluster(options.data_dir, binaries, user, options.durable);
}

Result<void> EmbeddedServer::Impl::WaitForOldPostmaster() {
  const auto cluster = ClusterDir(options.data_dir);
  const auto old = ReadPostmasterPid(cluster);
  if (!old || !IsPostmasterOf(old->pid, cluster)) return {};
  // We hold the lock, so nobody needs it any more.
  kill(old->pid, SIGINT);
  if (WaitForEnd(old->pid, options.old_stop_timeout)) return {};
  return Error{ErrorKind::kUnavailable,
               "an older PostgreSQL, process " + std::to_string(old->pid) +
                   ", still runs in " + cluster.string() + " and does not stop: end it"};
}

// At a start that failed: before its log began, and in its log.
std::string EmbeddedServer::Impl::WhatItSaid(const LogMark& before) const {
  const std::string output = TailOf(StartLog());
  if (output.find("redirecting log output") == std::string::npos) return output;
  // The process that writes the log ends after the server.
  const auto until = steady_clock::now() + kLogLinger;
  std::string complaints;
  while ((complaints = ComplaintsSince(LogDir(), before)).empty() &&
         steady_clock::now() < until) {
    std::this_thread::sleep_for(kReadyPoll);
  }
  return complaints.empty() ? output : output + "\n" + complaints;
}

Result<void> EmbeddedServer::Impl::LaunchOnce(steady_clock::time_point until,
                                              bool& try_again) {
  try_again = false;
  if (auto ended = WaitForOldPostmaster(); !ended) return ended;

  ChildOptions child;
  std::vector<std::string> settings = options.settings;
  if (!options.durable) settings.insert(settings.begin(), "fsync=off");
  child.command = ServerCommand(options.data_dir, binaries, socket_dir, settings);
  child.user = user;
  child.signal_at_parents_death = SIGINT;
  child.output = StartLog();
  const LogMark log_before = MarkLog(LogDir());
  pid_t started_pid = 0;
  {
    const std::lock_guard guard(mutex);
    if (stopping) return Error{ErrorKind::kUnavailable, "stopping"};
    auto started = StartChild(child);
    if (!started) return started.error();
    pid = started_pid = *started;
  }

  const std::string dsn = Dsn("postgres");
  while (!IsReady(dsn)) {
    int status = 0;
    const bool ended = [&] {
      const std::lock_guard guard(mutex);
      if (waitpid(started_pid, &status, WNOHANG) != started_pid) return false;
      pid = 0;
      changed.notify_all();
      return true;
    }();
    if (ended) {
      const std::string said = WhatItSaid(log_before);
      try_again = MeetsThePast(TailOf(StartLog()));
      return Error{ErrorKind::kUnavailable, "PostgreSQL ended " + HowItEnded(status) +
                                                " at its start: " + said + " (more in " +
                                                LogDir().string() + ")"};
    }
    if (steady_clock::now() > until) {
      kill(started_pid, SIGQUIT);
      AwaitDeath();
      return Error{ErrorKind::kUnavailable,
                   "PostgreSQL did not answer within " +
                       std::to_string(options.start_timeout.count() / 1000) +
                       " s of its start: see " + LogDir().string()};
    }
    std::this_thread::sleep_for(kReadyPoll);
  }
  return {};
}

Result<void> EmbeddedServer::Impl::Launch() {
  const auto begin = steady_clock::now();
  while (true) {
    bool try_again = false;
    auto launched = LaunchOnce(begin + options.start_timeout, try_again);
    if (launched || !try_again || Stopping() ||
        steady_clock::now() - begin > kOldProcessesLinger) {
      return launched;
    }
    Pause(kRetryStart);
  }
}

Result<void> EmbeddedServer::Impl::EnsureDatabase() {
  if (RunOutsideTransaction(Dsn(kEmbeddedDatabase), "SELECT 1")) return {};
  return RunOutsideTransaction(Dsn("postgres"),
                               std::string("CREATE DATABASE ") + kEmbeddedDatabase);
}

// Waits until the process has ended and been reaped; its wait status.
int EmbeddedServer::Impl::AwaitDeath() {
  const pid_t child = [&] {
    const std::lock_guard guard(mutex);
    return pid;
  }();
  if (child == 0) return 0;
  siginfo_t info;
  // The number stays taken until it is reaped under the lock, so that Stop never sends a
  // signal to somebody else's process.
  while (waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT) != 0 &&
         errno == EINTR) {
    continue;
  }
  const std::lock_guard guard(mutex);
  int status = 0;
  waitpid(child, &status, 0);
  pid = 0;
  changed.notify_all();
  return status;
}

// Returns when the server has ended or is being ended; true where it was told to stop. A
// SIGTERM of somebody else lets it wait for its clients, and ours stay: it would refuse
// all others for ever. So it is stopped fast.
bool EmbeddedServer::Impl::AwaitForeignStop() {
  const pid_t child = [&] {
    const std::lock_guard guard(mutex);
    return pid;
  }();
  // Only this thread reaps it, so that the number is its own here.
  const auto signal_it = [&](int signal) {
    const std::lock_guard guard(mutex);
    if (stopping) return false;
    kill(child, signal);
    return true;
  };
  if (child == 0) return false;
  while (!WaitForEnd(child, kLook)) {
    const auto found = ReadPostmasterPid(ClusterDir(options.data_dir));
    if (!found || found->pid != child || !found->stopping) continue;
    if (WaitForEnd(child, kForeignStopGrace) || !signal_it(SIGINT)) return true;
    if (!WaitForEnd(child, options.old_stop_timeout)) signal_it(SIGQUIT);
    return true;
  }
  return false;
}

void EmbeddedServer::Impl::Supervise() {
  milliseconds back_off{0};
  auto up_since = steady_clock::now();
  while (true) {
    const bool told_to = AwaitForeignStop();
    const int status = AwaitDeath();
    if (Stopping()) return;
    Tell(ServerEvent::Kind::kDied,
         (told_to ? "PostgreSQL was told to stop, not by us, and ended "
                  : "PostgreSQL died ") +
             HowItEnded(status));
    if (steady_clock::now() - up_since > kQuietTime) back_off = milliseconds(0);
    while (true) {
      Pause(back_off);
      back_off = std::clamp(back_off * 2, kFirstBackOff, kLongestBackOff);
      if (Stopping()) return;
      auto launched = Launch();
      if (launched) break;
      if (Stopping()) return;
      Tell(ServerEvent::Kind::kRestartFailed, launched.error().message);
    }
    up_since = steady_clock::now();
    Tell(ServerEvent::Kind::kRestarted, "PostgreSQL was started again");
  }
}

void EmbeddedServer::Impl::Run(std::promise<Result<void>> started) {
  auto result = Prepare();
  if (result) result = Launch();
  if (result) {
    result = EnsureDatabase();
    if (!result) {
      kill(pid, SIGINT);
      AwaitDeath();
    }
  }
  const bool running = result.has_value();
  started.set_value(std::move(result));
  if (running) Supervise();
}

EmbeddedServer::EmbeddedServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<EmbeddedServer>> EmbeddedServer::Start(
    const EmbeddedOptions& options, DataDirLock lock) {
  auto data_dir = EnsureDataDir(options.data_dir);
  if (!data_dir) return data_dir.error();
  auto impl = std::make_unique<Impl>(options, std::move(lock));
  impl->options.data_dir = *data_dir;

  std::promise<Result<void>> started;
  auto result = started.get_future();
  Impl& shared = *impl;
  impl->thread = std::thread(
      [&shared](std::promise<Result<void>> promise) { shared.Run(std::move(promise)); },
      std::move(started));
  auto server = std::unique_ptr<EmbeddedServer>(new EmbeddedServer(std::move(impl)));
  auto outcome = result.get();
  if (!outcome) return outcome.error();
  return server;
}

EmbeddedServer::~EmbeddedServer() { Stop(); }

std::string EmbeddedServer::Dsn() const { return impl_->Dsn(kEmbeddedDatabase); }

std::string EmbeddedServer::DsnOf(const std::string& database) const {
  return impl_->Dsn(database);
}

pid_t EmbeddedServer::Pid() const {
  const std::lock_guard guard(impl_->mutex);
  return impl_->pid;
}

Result<void> EmbeddedServer::LetGuestsIn() { return impl_->lock.SetOpen(true); }

void EmbeddedServer::Stop() {
  if (!impl_->thread.joinable()) return;
  // One that cannot write this can still stop; a guest then finds no server.
  (void)impl_->lock.SetOpen(false);
  (void)Guest::WaitUntilNone(impl_->options.data_dir, impl_->options.wait_for_guests);
  {
    std::unique_lock guard(impl_->mutex);
    impl_->stopping = true;
    impl_->changed.notify_all();
    const auto gone = [&] { return impl_->pid == 0; };
    if (!gone()) kill(impl_->pid, SIGINT);
    if (!impl_->changed.wait_for(guard, kFastStop, gone)) {
      kill(impl_->pid, SIGQUIT);
      if (!impl_->changed.wait_for(guard, kImmediateStop, gone))
        kill(impl_->pid, SIGKILL);
    }
  }
  impl_->thread.join();
}

}  // namespace tlsrpt::store
