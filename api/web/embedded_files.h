// The files of the page, as the build found them: api/web/static, and Debian's Chart.js
// under the name chart.js.
//
// Threads  const data.
#pragma once

#include <span>
#include <string_view>

namespace tlsrpt::embedded {

struct File {
  std::string_view name;  // "main.js"
  std::string_view bytes;
};

// By name.
std::span<const File> Files();

}  // namespace tlsrpt::embedded
