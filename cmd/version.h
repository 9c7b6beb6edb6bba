// The version that greets, that `node` keeps and that --version prints.
#pragma once

#include <string_view>

namespace tlsrpt::cmd {

inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace tlsrpt::cmd
