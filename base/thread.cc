#include "base/thread.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstring>

namespace tlsrpt {
namespace {

// What nice(1) adds by itself: a tenth of the time of the others while there is none for
// all, so that they find a processor at once and this goes on all the same.
constexpr int kNice = 10;

}  // namespace

void NameThread(const char* name) {
  char cut[16] = {};
  std::strncpy(cut, name, sizeof cut - 1);
  (void)pthread_setname_np(pthread_self(), cut);
}

void LetOthersFirst() {
  // More is always allowed, and cut to 19; at worst the thread stays as it is.
  const auto thread = static_cast<id_t>(gettid());
  (void)setpriority(PRIO_PROCESS, thread, getpriority(PRIO_PROCESS, thread) + kNice);
}

}  // namespace tlsrpt
