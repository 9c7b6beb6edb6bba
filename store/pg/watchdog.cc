#include "store/pg/watchdog.h"

#include <sys/socket.h>

#include <algorithm>

namespace tlsrpt::store {
namespace {

using std::chrono::steady_clock;

// Limits are tens of seconds, a grace some seconds; looking so often is precise enough,
// and a ticket costs no wake-up.
constexpr std::chrono::milliseconds kLookInterval{250};

}  // namespace

Watchdog::Watchdog() : thread_([this] { Run(); }) {}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

Watchdog::Ticket::Ticket(Watchdog* watchdog, int socket, std::chrono::milliseconds limit)
    : watchdog_(watchdog) {
  if (watchdog_ == nullptr) return;
  const Time until = limit.count() > 0 ? steady_clock::now() + limit : Time::max();
  const std::lock_guard lock(watchdog_->mutex_);
  number_ = watchdog_->next_number_++;
  watchdog_->watched_.emplace(number_, Watched{socket, until});
}

Watchdog::Ticket::~Ticket() {
  if (watchdog_ == nullptr) return;
  const std::lock_guard lock(watchdog_->mutex_);
  watchdog_->watched_.erase(number_);
}

void Watchdog::InterruptAll(std::chrono::milliseconds grace) {
  {
    const std::lock_guard lock(mutex_);
    all_until_ = steady_clock::now() + grace;
  }
  wake_.notify_all();
}

void Watchdog::Run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const Time now = steady_clock::now();
    for (auto& [number, watched] : watched_) {
      const Time until =
          all_until_ ? std::min(*all_until_, watched.until) : watched.until;
      // Again and again is harmless; who waits on it hears of the first.
      if (until <= now) shutdown(watched.socket, SHUT_RDWR);
    }
    wake_.wait_for(lock, kLookInterval);
  }
}

}  // namespace tlsrpt::store
