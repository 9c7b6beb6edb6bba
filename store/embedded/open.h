// The database a subcommand works on: the one in the settings, or the embedded one,
// which may be running already.
//
//   flock on the data directory is free   -> start a server for this call
//   somebody holds it and lets guests in  -> connect to its server through the socket
//   somebody holds it, starting, stopping -> wait; its database may not be there yet
//
// Who starts a server calls LetGuestsIn() once the database is up to date.
//
// Errors   kUnavailable, with the remedy.
// Threads  as EmbeddedServer.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "store/embedded/data_dir_lock.h"
#include "store/embedded/server.h"

namespace tlsrpt::store {

struct StoreOptions {
  std::string dsn;  // not empty: a database of the administrator's, nothing is started
  EmbeddedOptions embedded;
  // `serve` needs the data directory for itself and does not share another's server.
  bool exclusive = false;
  // How long to wait for a holder of the lock that is starting or stopping.
  std::chrono::milliseconds wait_for_holder = std::chrono::seconds(60);
};

// Stops the server it started, if any, when it goes.
struct StoreAccess {
  std::string dsn;
  std::unique_ptr<EmbeddedServer> server;  // empty: somebody else runs it
  std::optional<Guest> guest;              // then, unless it is the administrator's
};

Result<StoreAccess> OpenStore(const StoreOptions& options);

// Whether `data_dir` holds a cluster, or is held by somebody who may be making one. Makes
// nothing there; true where it may not look.
bool HasStore(const std::filesystem::path& data_dir);

// The DSN of the server that runs on `data_dir`; kNotFound when none answers.
Result<std::string> RunningDsn(const std::filesystem::path& data_dir);

}  // namespace tlsrpt::store
