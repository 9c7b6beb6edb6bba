// Where Debian keeps the PostgreSQL server programs: /usr/lib/postgresql/<major>/bin,
// several versions side by side.
//
// Errors   kUnavailable with the remedy: nothing installed, or not the version that made
//          the cluster.
// Threads  pure functions of the file system.
#pragma once

#include <filesystem>
#include <optional>

#include "base/result.h"

namespace tlsrpt::store {

struct PostgresBinaries {
  int major = 0;
  std::filesystem::path folder;  // holds `postgres` and `initdb`
};

// The major version in PG_VERSION of `cluster`; nothing where there is no cluster;
// kUnavailable where the file cannot be understood.
Result<std::optional<int>> ClusterVersion(const std::filesystem::path& cluster);

// The newest from 15 on under `root` for a new cluster; exactly the version of an
// existing one, for a data directory of another major version is not readable.
Result<PostgresBinaries> FindBinaries(const std::filesystem::path& root,
                                      const std::filesystem::path& cluster);

}  // namespace tlsrpt::store
