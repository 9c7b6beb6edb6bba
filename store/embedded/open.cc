#include "store/embedded/open.h"

#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "store/embedded/admin_sql.h"
#include "store/embedded/cluster.h"
#include "store/embedded/postmaster_pid.h"

namespace tlsrpt::store {
namespace {

constexpr std::chrono::milliseconds kLookAgain{50};

Error HeldBy(const std::filesystem::path& data_dir, const StoreOptions& options) {
  const auto holder = DataDirLock::HolderOf(data_dir);
  const auto waited =
      std::chrono::duration_cast<std::chrono::seconds>(options.wait_for_holder);
  const std::string remedy =
      options.exclusive ? ": stop it, or choose another data directory"
      : DataDirLock::IsOpen(data_dir)
          ? ", whose PostgreSQL does not answer"
          : ", which was starting or stopping for all of " +
                std::to_string(waited.count()) + " s: try again when it is done";
  return Error{ErrorKind::kUnavailable,
               "data directory " + data_dir.string() + " is in use by process " +
                   (holder ? std::to_string(*holder) : "?") + remedy};
}

}  // namespace

bool HasStore(const std::filesystem::path& data_dir) {
  std::error_code error;
  return std::filesystem::exists(ClusterDir(data_dir), error) ||
         error == std::errc::permission_denied || DataDirLock::IsHeld(data_dir);
}

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
  if (!options.dsn.empty()) return StoreAccess{options.dsn, nullptr, {}};
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
      return StoreAccess{std::move(dsn), *std::move(server), {}};
    }
    if (!options.exclusive) {
      auto guest = Guest::TryEnter(*data_dir);
      if (!guest) return std::move(guest).error();
      if (*guest) {
        if (auto dsn = RunningDsn(*data_dir)) {
          return StoreAccess{*std::move(dsn), nullptr, *std::move(guest)};
        }
      }
    }
    if (std::chrono::steady_clock::now() > until) return HeldBy(*data_dir, options);
    std::this_thread::sleep_for(kLookAgain);
  }
}

}  // namespace tlsrpt::store
