// A thread that takes one turn after another until it is told to stop, and says once when
// the database is away, or that a bug of ours keeps it from its work.
//
// Errors   a turn that fails is taken again after kIdle, then twice that, up to
//          kLastBackOff. An exception that leaves it is such a failure.
// Threads  Start() and Stop() from one.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "base/ops/log.h"
#include "base/result.h"

namespace tlsrpt::cmd {

class Turns {
 public:
  // How often to look when nothing was due. One statement, by index.
  static constexpr std::chrono::milliseconds kIdle{2000};
  static constexpr std::chrono::milliseconds kLastBackOff{30'000};

  // `turn` says how long to wait before the next. `where` is for the log.
  using Turn = std::function<Result<std::chrono::milliseconds>()>;
  Turns(std::string where, Logger& log, Turn turn);
  ~Turns();

  void Start();
  // Waits for the turn that is under way.
  void Stop();

 private:
  void Run();
  // True: told to stop.
  bool Wait(std::chrono::milliseconds time);

  const std::string where_;
  Logger& log_;
  const Turn turn_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace tlsrpt::cmd
