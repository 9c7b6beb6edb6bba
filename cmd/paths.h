// Where things lie in the data directory.
#pragma once

#include <string>

#include "base/ops/settings.h"

namespace tlsrpt::cmd {

inline std::string SpoolPath(const Settings& settings) {
  return settings.data_dir + "/spool.sqlite";
}
// The domains as they were last read, for a start while the database is away.
inline std::string DomainCachePath(const Settings& settings) {
  return settings.data_dir + "/domains.json";
}

}  // namespace tlsrpt::cmd
