#include "base/thread.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstring>

namespace tlsrpt {
namespace {

using namespace std::chrono_literals;

// What nice(1) adds by itself: a tenth of the time of the others while there is none for
// all, so that they find a processor at once and this goes on all the same.
constexpr int kNice = 10;
// In place of some milliseconds: the shortest that Linux gives, longer than a command of
// SMTP takes.
constexpr std::chrono::nanoseconds kShortSlice = 100us;

// sched_setattr(2), as it was first published. The kernel's header for it cannot stand
// beside glibc's <sched.h>.
struct SchedulingAttributes {
  std::uint32_t size = sizeof(SchedulingAttributes);
  std::uint32_t policy = 0;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime = 0;  // ns; of an ordinary thread its slice
  std::uint64_t deadline = 0;
  std::uint64_t period = 0;
};
static_assert(sizeof(SchedulingAttributes) == 48);

}  // namespace

void NameThread(const char* name) {
  char cut[16] = {};
  std::strncpy(cut, name, sizeof cut - 1);
  (void)pthread_setname_np(pthread_self(), cut);
}

void LetOthersFirst() { LetOthersFirst(gettid()); }

void LetOthersFirst(pid_t process) {
  // More is always allowed, and cut to 19; at worst all stays as it is.
  const auto id = static_cast<id_t>(process);
  (void)setpriority(PRIO_PROCESS, id, getpriority(PRIO_PROCESS, id) + kNice);
}

void AskForShortSlices() {
  // With all else that the thread has, its niceness among it.
  SchedulingAttributes attributes;
  if (syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0) return;
  attributes.runtime = static_cast<std::uint64_t>(kShortSlice.count());
  (void)syscall(SYS_sched_setattr, 0, &attributes, 0);
}

}  // namespace tlsrpt
