// A PostgreSQL of our own: started as a child, restarted when it dies, stopped with us.
//
// Errors   kUnavailable, with the remedy in the sentence.
// Threads  One thread inside starts every server process, because the signal that stops
//          PostgreSQL when we die follows the thread that forked it: the thread lives as
//          long as this object. Start, Stop and the rest may be called from any thread;
//          `on_event` is called from the inner one and must not call back.
//          Nobody else in the process may wait for any child (waitpid(-1)).
// Lifetime Stopped by Stop() or the destructor. After a kill -9 of our process the
//          kernel sends PostgreSQL SIGINT (fast shutdown), and the next Start waits for
//          its end.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/embedded/data_dir_lock.h"

namespace tlsrpt::store {

struct ServerEvent {
  enum class Kind { kDied, kRestarted, kRestartFailed };
  Kind kind = Kind::kDied;
  std::string message;  // for the log
};

struct EmbeddedOptions {
  std::filesystem::path data_dir;
  // Whom PostgreSQL runs as when we are root.
  std::string service_user = "tlsrptd";
  std::filesystem::path binaries_root = "/usr/lib/postgresql";
  // Crash recovery of a big cluster takes its time.
  std::chrono::milliseconds start_timeout = std::chrono::minutes(5);
  // For a server that an earlier process left behind: its checkpoint may be large.
  std::chrono::milliseconds old_stop_timeout = std::chrono::seconds(60);
  // How long other processes that use the server may keep it from stopping.
  std::chrono::milliseconds wait_for_guests{0};
  // False: nothing is forced to disk, here or by the server. For tests.
  bool durable = true;
  // More settings, "name=value".
  std::vector<std::string> settings;
  std::function<void(const ServerEvent&)> on_event;
};

// Makes the data directory where it is missing, and the folders above it, so that it can
// be locked.
Result<std::filesystem::path> EnsureDataDir(const std::filesystem::path& data_dir);

class EmbeddedServer {
 public:
  // Makes the cluster if there is none, waits for an old postmaster to end, starts, waits
  // until it answers, makes the database. `lock` is the data directory's and is held
  // until the server has stopped.
  static Result<std::unique_ptr<EmbeddedServer>> Start(const EmbeddedOptions& options,
                                                       DataDirLock lock);

  ~EmbeddedServer();
  EmbeddedServer(const EmbeddedServer&) = delete;
  EmbeddedServer& operator=(const EmbeddedServer&) = delete;

  // Of the database `tlsrptd`; stays the same over restarts.
  std::string Dsn() const;
  // Of another database on the same server.
  std::string DsnOf(const std::string& database) const;

  // The postmaster; 0 while it is down.
  pid_t Pid() const;

  // Other processes may use it from now on; before, OpenStore lets them wait.
  Result<void> LetGuestsIn();

  // Lets nobody in, waits for guests, then fast shutdown, immediate after 5 s, and killed
  // after 2 more.
  // Safe to call twice.
  void Stop();

 private:
  struct Impl;
  explicit EmbeddedServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tlsrpt::store
