#include "store/embedded/open.h"

#include <optional>
#include <thread>
#include <utility>

#include "store/embedded/admin_sql.h"
#include "store/embedded/cluster.h"
#include "store/embedded/data_dir_lock.h"
#include "store/embedded/postmaster_pid.h"

namespace tlsrpt::store {
namespace {

constexpr std::chrono::milliseconds kLookAgain{50};

Error HeldBy(const std::filesystem::path& data_dir, const std::string& remedy) {
  const auto holder = DataDirLock::HolderOf(data_dir);
  return Error{ErrorKind::kUnavailable,
               "data directory " + data_dir.string() + " is in use by process " +
                   (holder ? std::to_string(*holder) : "?") + remedy};
}

}  // namespace

Result<std::string> RunningDsn(const std::filesystem::path& data_dir) {
  const auto cluster = ClusterDir(data_dir);
  const auto running = ReadPostmasterPid(cluster);
  const Error none{ErrorKind::kNotFound,
                   "no PostgreSQL answers for data directory " + data_dir.string()};
  if (!running || running->port == 0 || running->socket_dir.empty()) return none;
  const std::string dsn =
      SocketDsn(running->socket_dir, running->port, kEmbeddedDatabase);
  if (!IsReady(dsn)) return none;
  return dsn;
}

Result<StoreAccess> OpenStore(const StoreOptions& options) {
  if (!options.dsn.empty()) return StoreAccess{options.dsn, nullptr};
  auto data_dir = EnsureDataDir(options.embedded.data_dir);
  if (!data_dir) return data_dir.error();

  const auto until = std::chrono::steady_clock::now() + options.wait_for_holder;
  while (true) {
    auto lock = DataDirLock::TryLock(*data_dir);
    if (!lock) return lock.error();
    if (*lock) {
      auto server = EmbeddedServer::Start(options.embedded, **std::move(lock));
      if (!server) return server.error();
      std::string dsn = (*server)->Dsn();
      return StoreAccess{std::move(dsn), *std::move(server)};
    }
    if (!options.exclusive) {
      if (auto dsn = RunningDsn(*data_dir)) return StoreAccess{*std::move(dsn), nullptr};
    }
    if (std::chrono::steady_clock::now() > until) {
      return HeldBy(*data_dir, options.exclusive
                                   ? ": stop it, or choose another data directory"
                                   : ", whose PostgreSQL does not answer");
    }
    std::this_thread::sleep_for(kLookAgain);
  }
}

}  // namespace tlsrpt::store
