// Shows on standard error how far an import is: a bar that is drawn again and again on a
// terminal, a line now and then anywhere else, with no control characters in it.
//
// Threads  one.
#pragma once

#include <chrono>

#include "ingest/import/progress_line.h"

namespace tlsrpt::cmd {

class ImportProgressDisplay {
 public:
  ImportProgressDisplay();
  // Removes the bar.
  ~ImportProgressDisplay();
  ImportProgressDisplay(const ImportProgressDisplay&) = delete;
  ImportProgressDisplay& operator=(const ImportProgressDisplay&) = delete;

  // Shows it if that was last done long enough ago.
  void Show(const ingest::ImportProgress& progress);
  // What is printed from now on stands where the bar was.
  void Clear();

 private:
  using Clock = std::chrono::steady_clock;

  const bool bar_;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point next_;
  bool drawn_ = false;
};

}  // namespace tlsrpt::cmd
