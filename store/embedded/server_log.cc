#include "store/embedded/server_log.h"

#include <algorithm>
#include <fstream>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/text.h"

namespace tlsrpt::store {
namespace {

namespace fs = std::filesystem;

// The cause, and what it led to.
constexpr std::size_t kMaxLines = 3;
constexpr std::size_t kMaxLineBytes = 300;
// The end of what a start wrote. A start that takes minutes refuses a client 50 times a
// second meanwhile, 100 bytes each.
constexpr std::uintmax_t kMaxRead = 1 << 20;

bool IsComplaint(std::string_view line) {
  // Every client that comes too early, or too late, is a FATAL: we ask until one is let
  // in.
  if (line.find("FATAL:  the database system is ") != line.npos) return false;
  for (const std::string_view severity : {" ERROR:  ", " FATAL:  ", " PANIC:  "}) {
    if (line.find(severity) != line.npos) return true;
  }
  return false;
}

}  // namespace

LogMark MarkLog(const fs::path& folder) {
  LogMark newest;
  fs::file_time_type newest_at;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    // The folder is PostgreSQL's user's: root follows no link that lies there.
    if (!fs::is_regular_file(entry.symlink_status(error))) continue;
    const auto written_at = entry.last_write_time(error);
    if (error || (!newest.file.empty() && written_at <= newest_at)) continue;
    const auto bytes = entry.file_size(error);
    if (error) continue;
    newest = {entry.path(), bytes};
    newest_at = written_at;
  }
  return newest;
}

std::string ComplaintsSince(const fs::path& folder, const LogMark& mark) {
  const LogMark now = MarkLog(folder);
  if (now.file.empty()) return "";
  // A file that is shorter than before was begun anew, a week later.
  std::uintmax_t from = now.file == mark.file && mark.bytes <= now.bytes ? mark.bytes : 0;
  from = std::max(from, now.bytes - std::min(now.bytes, kMaxRead));
  std::string text(static_cast<std::size_t>(now.bytes - from), '\0');
  std::ifstream file(now.file, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(from));
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));

  std::vector<std::string> last;
  const auto lines = Split(text, '\n');
  for (auto line = lines.rbegin(); line != lines.rend() && last.size() < kMaxLines;
       ++line) {
    if (IsComplaint(*line)) last.push_back(CleanUtf8(Trim(*line), kMaxLineBytes));
  }
  std::reverse(last.begin(), last.end());
  return Join(last, "\n");
}

}  // namespace tlsrpt::store
