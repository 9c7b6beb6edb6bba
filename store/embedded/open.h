// The database a subcommand works on: the one in the settings, or the embedded one,
// which may be running already.
//
//   flock on the data directory is free   -> start a server for this call
//   `serve` holds it                      -> connect to its server through the socket
//
// Errors   kUnavailable, with the remedy.
// Threads  as EmbeddedServer.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/result.h"
#include "store/embedded/server.h"

namespace tlsrpt::store {

struct StoreOptions {
  std::string dsn;  // not empty: a database of the administrator's, nothing is started
  EmbeddedOptions embedded;
  // `serve` needs the data directory for itself and does not share another's server.
  bool exclusive = false;
  // A holder of the lock may be starting or stopping just now.
  std::chrono::milliseconds wait_for_holder = std::chrono::seconds(60);
};

// Stops the server it started, if any, when it goes.
struct StoreAccess {
  std::string dsn;
  std::unique_ptr<EmbeddedServer> server;  // empty: somebody else runs it
};

Result<StoreAccess> OpenStore(const StoreOptions& options);

// The DSN of the server that runs on `data_dir`; kNotFound when none answers.
Result<std::string> RunningDsn(const std::filesystem::path& data_dir);

}  // namespace tlsrpt::store
