#include "ingest/import/progress_line.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/text.h"

namespace tlsrpt::ingest {
namespace {

// A rate of the first moments would promise anything.
constexpr std::chrono::milliseconds kFirstEstimate{1000};
constexpr std::size_t kWidestBar = 40;
constexpr std::size_t kNarrowestBar = 10;

// "20,000"
std::string Grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
  return text;
}

// 0 to 1; nothing where the end is not known.
std::optional<double> Share(const ImportProgress& progress) {
  if (progress.bytes_total == 0) return std::nullopt;
  const auto done = std::min(progress.bytes_done, progress.bytes_total);
  return static_cast<double>(done) / static_cast<double>(progress.bytes_total);
}

std::string Percent(double share) {
  return std::to_string(static_cast<int>(share * 100)) + " %";
}

std::string Files(const ImportProgress& progress) {
  return Grouped(progress.files_done) + " of " + Grouped(progress.files_total) +
         (progress.files_total == 1 ? " file" : " files");
}

std::string Duration(std::uint64_t seconds) {
  if (seconds < 60) return std::to_string(seconds) + " s";
  if (seconds < 3600) return std::to_string(seconds / 60) + " min";
  return std::to_string(seconds / 3600) + " h " + std::to_string(seconds / 60 % 60) +
         " min";
}

// Rate and time left, as far as they can be told.
std::vector<std::string> Estimates(const ImportProgress& progress,
                                   std::chrono::milliseconds elapsed) {
  std::vector<std::string> parts;
  if (elapsed < kFirstEstimate || progress.messages == 0) return parts;
  const double seconds = std::chrono::duration<double>(elapsed).count();
  parts.push_back(Grouped(static_cast<std::uint64_t>(
                      static_cast<double>(progress.messages) / seconds)) +
                  " mails/s");
  if (const auto share = Share(progress); share && *share > 0) {
    parts.push_back(
        Duration(static_cast<std::uint64_t>(seconds * (1 - *share) / *share + 0.5)) +
        " left");
  }
  return parts;
}

}  // namespace

std::string ProgressBar(const ImportProgress& progress, std::chrono::milliseconds elapsed,
                        std::size_t columns) {
  const auto share = Share(progress);
  std::vector<std::string> parts;
  if (share) parts.push_back(Percent(*share));
  parts.push_back(progress.files_total > 1 ? Files(progress)
                                           : Grouped(progress.messages) + " mails");
  for (std::string& estimate : Estimates(progress, elapsed)) {
    parts.push_back(std::move(estimate));
  }
  while (parts.size() > 1 && Join(parts, "  ").size() > columns) parts.pop_back();
  std::string text = Join(parts, "  ").substr(0, columns);
  // "[", "]" and two blanks.
  if (!share || text.size() + 4 + kNarrowestBar > columns) return text;
  const std::size_t width = std::min(columns - text.size() - 4, kWidestBar);
  const auto full = static_cast<std::size_t>(static_cast<double>(width) * *share);
  return "[" + std::string(full, '#') + std::string(width - full, '-') + "]  " + text;
}

std::string ProgressSentence(const ImportProgress& progress,
                             std::chrono::milliseconds elapsed) {
  std::vector<std::string> parts = {Files(progress),
                                    Grouped(progress.messages) + " mails"};
  if (const auto share = Share(progress)) parts.push_back(Percent(*share));
  for (std::string& estimate : Estimates(progress, elapsed)) {
    parts.push_back(std::move(estimate));
  }
  return Join(parts, ", ");
}

}  // namespace tlsrpt::ingest
