// Who gives a command: what stands in every audit column that a subcommand writes.
#pragma once

#include <string>

namespace tlsrpt::cmd {

// The name of the account, behind sudo too; its number where it has none.
std::string CallerName();

}  // namespace tlsrpt::cmd
