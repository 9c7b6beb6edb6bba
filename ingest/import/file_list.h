// The files that the paths of a command line stand for, in order: folders with all that
// is below them, sorted by name, so that two runs go the same way.
//
// A folder with `cur` and `new` is a Maildir: the mails of those two, never those of
// `tmp` (being written) nor the index files of the server beside them, and the same of
// its subfolders, whose names begin with a dot (Maildir++). In any other folder, what is
// hidden is left out. Links are followed, and a folder that is met again is not entered
// again, so that a link back to it does no harm.
//
// Units    bytes.
// Errors   what is no file and no folder, or cannot be looked at, is in `unreadable`; the
//          others are not held up.
// Threads  pure, but for the file system.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace tlsrpt::ingest {

struct ListedFile {
  std::string path;         // as given, or below a folder as given; "-" is standard input
  std::uint64_t bytes = 0;  // 0 where nobody knows: standard input, a pipe
};

struct FileList {
  std::vector<ListedFile> files;
  std::uint64_t bytes = 0;
  std::vector<std::pair<std::string, std::string>> unreadable;  // path, why
};

FileList ListFiles(const std::vector<std::string>& paths);

}  // namespace tlsrpt::ingest
