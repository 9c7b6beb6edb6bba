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
  bool away = false;
  while (true) {
    Result<std::chrono::milliseconds> wait = back_off;
    try {
      wait = turn_();
    } catch (const std::exception& e) {
      wait = Error{ErrorKind::kInternal, e.what()};
    }
    if (!wait && !away) {
      log_.Write(Event::kDatabaseAway,
                 {{"where", where_}, {"what", wait.error().message}});
    }
    away = !wait;
    back_off = wait ? kIdle : std::min(2 * back_off, kLastBackOff);
    if (Wait(wait ? *wait : back_off)) return;
  }
}

bool Turns::Wait(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  return wake_.wait_for(lock, time, [this] { return stopping_; });
}

}  // namespace tlsrpt::cmd
