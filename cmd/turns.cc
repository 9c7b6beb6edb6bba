#include "cmd/turns.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/thread.h"

namespace tlsrpt::cmd {

Turns::Turns(std::string where, Logger& log, Turn turn)
    : where_(std::move(where)), log_(log), turn_(std::move(turn)) {}

Turns::~Turns() { Stop(); }

void Turns::Start() {
  thread_ = std::thread([this] {
    NameThread(where_.c_str());
    Run();
  });
}

void Turns::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Turns::Run() {
  std::chrono::milliseconds back_off = kIdle;
  bool failing = false;
  while (true) {
    Result<std::chrono::milliseconds> wait = kIdle;
    try {
      wait = turn_();
    } catch (const std::exception& e) {
      wait = Error{ErrorKind::kInternal, e.what()};
    }
    if (!wait && !failing) {
      const bool ours = wait.error().kind == ErrorKind::kInternal;
      log_.Write(ours ? Event::kInternalError : Event::kDatabaseAway,
                 {{"where", where_}, {"what", wait.error().message}});
    }
    failing = !wait;
    if (Wait(wait ? *wait : back_off)) return;
    back_off = wait ? kIdle : std::min(2 * back_off, kLastBackOff);
  }
}

bool Turns::Wait(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  return wake_.wait_for(lock, time, [this] { return stopping_; });
}

}  // namespace tlsrpt::cmd
