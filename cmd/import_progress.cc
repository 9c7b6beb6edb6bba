#include "cmd/import_progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace tlsrpt::cmd {
namespace {

using namespace std::chrono_literals;

constexpr auto kBarEvery = 100ms;
// A log of an import of an hour has 720 lines.
constexpr auto kLineEvery = 5s;
constexpr std::size_t kColumnsIfUnknown = 80;
// Back to the first column, and clear to the end of the line (ECMA-48, 8.3.41).
constexpr const char* kEraseLine = "\r\x1b[K";

bool CanDraw() {
  const char* terminal = std::getenv("TERM");
  return isatty(STDERR_FILENO) == 1 && terminal != nullptr &&
         std::string_view(terminal) != "dumb";
}

// Asked each time: the window may have been resized.
std::size_t Columns() {
  winsize window{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_col == 0) {
    return kColumnsIfUnknown;
  }
  return window.ws_col;
}

}  // namespace

ImportProgressDisplay::ImportProgressDisplay()
    : bar_(CanDraw()), next_(start_ + (bar_ ? Clock::duration(kBarEvery) : kLineEvery)) {}

ImportProgressDisplay::~ImportProgressDisplay() { Clear(); }

void ImportProgressDisplay::Show(const ingest::ImportProgress& progress) {
  const auto now = Clock::now();
  if (now < next_) return;
  next_ = now + (bar_ ? Clock::duration(kBarEvery) : kLineEvery);
  const auto elapsed =
      std::chrono::duration_cast<std::chrono::milliseconds>(now - start_);
  if (bar_) {
    // One column less: some terminals go to the next line with the last one.
    std::fprintf(stderr, "%s%s", kEraseLine,
                 ingest::ProgressBar(progress, elapsed, Columns() - 1).c_str());
    std::fflush(stderr);
    drawn_ = true;
  } else {
    std::fprintf(stderr, "import: %s\n",
                 ingest::ProgressSentence(progress, elapsed).c_str());
  }
}

void ImportProgressDisplay::Clear() {
  if (drawn_) std::fputs(kEraseLine, stderr);
  drawn_ = false;
}

}  // namespace tlsrpt::cmd
