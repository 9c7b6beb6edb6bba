// What nobody means who names a folder or an archive: ".DS_Store", ".git", the
// "__MACOSX/._report.json" that a Mac adds to a zip. A hidden file that is named itself
// is read.
//
// Threads  pure functions.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace tlsrpt::ingest {

inline bool IsHiddenName(std::string_view name) { return name.starts_with('.'); }

// `member`: a path in a zip. Some archivers begin each with "./"; and of a Maildir's
// folders, "Maildir/.Reports/cur/1", the names begin with a dot.
inline bool IsHiddenMember(std::string_view member) {
  for (;;) {
    if (member.starts_with("__MACOSX/")) return true;
    const std::size_t slash = std::min(member.find('/'), member.size());
    const std::string_view name = member.substr(0, slash);
    member.remove_prefix(std::min(slash + 1, member.size()));
    const bool maildir = member.starts_with("cur/") || member.starts_with("new/");
    if (IsHiddenName(name) && name != "." && name != ".." && !maildir) return true;
    if (member.empty()) return false;
  }
}

}  // namespace tlsrpt::ingest
