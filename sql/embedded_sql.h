// The files under sql/, compiled in: one executable, no files beside it.
#pragma once

#include <span>
#include <string_view>

namespace tlsrpt::sql {

struct SqlFile {
  std::string_view name;  // "migrations/0001_reports.sql"
  std::string_view text;
};

// Sorted by name.
std::span<const SqlFile> Files();

}  // namespace tlsrpt::sql
