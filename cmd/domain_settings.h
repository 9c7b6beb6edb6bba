// tlsrptd domain set|show: the readiness settings of one domain.
#pragma once

#include <string>
#include <vector>

#include "base/ops/settings.h"
#include "base/result.h"

namespace tlsrpt::cmd {

// `assignments`: "min_sessions=200"; "min_sessions=" brings the default back. All or
// none.
Result<int> SetDomain(const Settings& settings, const std::string& name,
                      const std::vector<std::string>& assignments);

Result<int> ShowDomain(const Settings& settings, const std::string& name);

}  // namespace tlsrpt::cmd
