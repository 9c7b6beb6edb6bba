// What nobody means who names a folder or an archive: ".DS_Store", ".git", the
// "__MACOSX/._report.json" that a Mac adds to a zip. A hidden file that is named itself
// is read.
//
// Threads  pure functions.
#pragma once

#include <string_view>

namespace tlsrpt::ingest {

inline bool IsHiddenName(std::string_view name) { return name.starts_with('.'); }

// `member`: a path in a zip.
inline bool IsHiddenMember(std::string_view member) {
  for (;;) {
    if (IsHiddenName(member) || member.starts_with("__MACOSX/")) return true;
    const std::size_t slash = member.find('/');
    if (slash == std::string_view::npos) return false;
    member.remove_prefix(slash + 1);
  }
}

}  // namespace tlsrpt::ingest
