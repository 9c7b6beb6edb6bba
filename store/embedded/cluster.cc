#include "store/embedded/cluster.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>
#include <system_error>

#include "store/embedded/child_process.h"
#include "store/embedded/socket_dir.h"

namespace tlsrpt::store {
namespace {

// For a small machine that does other things too. Appended to postgresql.conf once, so
// an administrator may change them there or by ALTER SYSTEM. What is acknowledged is on
// disk: fsync and synchronous_commit stand at their default, on.
constexpr const char* kSettings = R"(
# --- added by tlsrptd when it made this cluster ---------------------------------------
max_connections = 50
shared_buffers = 128MB
effective_cache_size = 512MB
work_mem = 8MB
maintenance_work_mem = 64MB
max_wal_size = 2GB
min_wal_size = 128MB
wal_compression = lz4
checkpoint_timeout = 15min
jit = off
# Reports are read from covering indexes, which need the visibility map.
autovacuum_vacuum_insert_scale_factor = 0.02
# A week of logs, one file a day. Statements are not logged: they hold reports.
logging_collector = on
log_directory = 'log'
log_filename = 'postgresql-%a.log'
log_truncate_on_rotation = on
log_rotation_age = 1d
log_rotation_size = 0
log_min_error_statement = panic
log_error_verbosity = terse
timezone = 'UTC'
log_timezone = 'UTC'
)";

Result<void> OwnedBy(const std::filesystem::path& folder, const ServiceUser& user) {
  struct stat found;
  if (lstat(folder.c_str(), &found) != 0 || !S_ISDIR(found.st_mode)) {
    return Error{ErrorKind::kUnavailable, folder.string() + " is no folder"};
  }
  if (found.st_uid == user.uid) return {};
  return Error{ErrorKind::kUnavailable, folder.string() + " belongs to user number " +
                                            std::to_string(found.st_uid) +
                                            ", and PostgreSQL runs as " + user.name +
                                            " here: chown -R " + user.name + " " +
                                            folder.string() + ", or run as that user"};
}

// A name in a list of folders: quotes keep commas and blanks in it.
std::string QuotedFolder(const std::string& folder) {
  std::string out = "\"";
  for (const char c : folder) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  return out + "\"";
}

// An initdb that is not done, or never will be.
constexpr const char* kUnfinished = "postgres.new.";

// What earlier tries left behind. What cannot be removed now can at the next start.
void RemoveUnfinished(const std::filesystem::path& data_dir) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(data_dir, ignored)) {
    if (entry.path().filename().string().starts_with(kUnfinished)) {
      std::filesystem::remove_all(entry.path(), ignored);
    }
  }
}

}  // namespace

std::filesystem::path ClusterDir(const std::filesystem::path& data_dir) {
  return data_dir / "postgres";
}

Result<void> EnsureCluster(const std::filesystem::path& data_dir,
                           const PostgresBinaries& binaries, const ServiceUser& user,
                           bool durable) {
  const auto cluster = ClusterDir(data_dir);
  std::error_code error;
  if (std::filesystem::exists(cluster, error)) return OwnedBy(cluster, user);

  // A folder of this try's own: the initdb of a process that was killed just now may be
  // cleaning up the last one still.
  RemoveUnfinished(data_dir);
  const auto unfinished =
      data_dir / (std::string(kUnfinished) + std::to_string(getpid()));
  if (auto made = MakePrivateDir(unfinished, user); !made) return made;

  ChildOptions initdb;
  initdb.user = user;
  initdb.signal_at_parents_death = SIGTERM;
  initdb.output = data_dir / "initdb.log";
  // Trust: the socket's folder lets in the service user and root, nobody else.
  initdb.command = {(binaries.folder / "initdb").string(),
                    "--pgdata=" + unfinished.string(),
                    std::string("--username=") + kEmbeddedUser,
                    "--auth=trust",
                    "--encoding=UTF8",
                    "--locale=C.UTF-8",
                    "--data-checksums",
                    "--no-instructions"};
  if (!durable) initdb.command.push_back("--no-sync");
  auto child = StartChild(initdb);
  if (!child) return child.error();
  if (WaitForChild(*child) != 0) {
    return Error{ErrorKind::kUnavailable, "making a PostgreSQL cluster in " +
                                              unfinished.string() +
                                              " failed: " + TailOf(initdb.output)};
  }
  std::ofstream settings(unfinished / "postgresql.conf", std::ios::app);
  settings << kSettings;
  settings.close();
  if (!settings) {
    return Error{ErrorKind::kUnavailable,
                 "writing postgresql.conf in " + unfinished.string() + " failed"};
  }
  std::filesystem::rename(unfinished, cluster, error);
  if (error) {
    return Error{ErrorKind::kUnavailable,
                 "renaming " + unfinished.string() + ": " + error.message()};
  }
  return {};
}

std::vector<std::string> ServerCommand(const std::filesystem::path& data_dir,
                                       const PostgresBinaries& binaries,
                                       const std::filesystem::path& socket_dir,
                                       const std::vector<std::string>& extra) {
  std::vector<std::string> command = {(binaries.folder / "postgres").string(), "-D",
                                      ClusterDir(data_dir).string()};
  const auto set = [&](const std::string& setting) {
    command.push_back("-c");
    command.push_back(setting);
  };
  for (const std::string& setting : extra) set(setting);
  // Here rather than in the file: these may not be changed by hand.
  set("listen_addresses=");
  set("unix_socket_directories=" + QuotedFolder(socket_dir.string()));
  set("unix_socket_permissions=0700");
  set("port=" + std::to_string(kEmbeddedPort));
  // pg_error.cc and the start below read messages.
  set("lc_messages=C");
  return command;
}

}  // namespace tlsrpt::store
