// How far an import is, as a line of text: a bar for a terminal, a sentence for a log.
//
// Units    bytes; seconds since the start.
// Threads  pure functions.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace tlsrpt::ingest {

struct ImportProgress {
  std::size_t files_done = 0;
  std::size_t files_total = 0;
  std::uint64_t bytes_done = 0;
  std::uint64_t bytes_total = 0;  // 0: nobody knows, as of a pipe
  std::size_t messages = 0;
};

// "[######------]  50 %  10,000 of 20,000 files  4,120 mails/s  3 s left", no wider than
// `columns`: what does not fit is left out from the bar on.
std::string ProgressBar(const ImportProgress& progress, std::chrono::milliseconds elapsed,
                        std::size_t columns);

// "10,000 of 20,000 files, 10,000 mails, 50 %, 4,120 mails/s, 3 s left"
std::string ProgressSentence(const ImportProgress& progress,
                             std::chrono::milliseconds elapsed);

}  // namespace tlsrpt::ingest
