// The cluster on disk: made by initdb once, then told our settings.
//
// Errors   kUnavailable: initdb failed (its last words are in the message), or the folder
//          belongs to somebody else.
// Threads  The caller holds the data directory's lock. initdb ends with the calling
//          thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/embedded/binaries.h"
#include "store/embedded/service_user.h"

namespace tlsrpt::store {

// The superuser that initdb makes, and the database.
inline constexpr const char* kEmbeddedUser = "tlsrptd";
inline constexpr const char* kEmbeddedDatabase = "tlsrptd";

// <data_dir>/postgres
std::filesystem::path ClusterDir(const std::filesystem::path& data_dir);

// Makes the cluster where there is none. A run that was cut short leaves
// <data_dir>/postgres.new.PID, which the next one removes: a cluster is whole or not
// there. Without `durable` nothing is forced to disk; for tests.
Result<void> EnsureCluster(const std::filesystem::path& data_dir,
                           const PostgresBinaries& binaries, const ServiceUser& user,
                           bool durable);

// The command that runs it. `extra` holds further settings, "name=value".
std::vector<std::string> ServerCommand(const std::filesystem::path& data_dir,
                                       const PostgresBinaries& binaries,
                                       const std::filesystem::path& socket_dir,
                                       const std::vector<std::string>& extra);

}  // namespace tlsrpt::store
