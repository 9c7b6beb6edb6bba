#include "base/thread.h"

#include <pthread.h>

#include <cstring>

namespace tlsrpt {

void NameThread(const char* name) {
  char cut[16] = {};
  std::strncpy(cut, name, sizeof cut - 1);
  (void)pthread_setname_np(pthread_self(), cut);
}

}  // namespace tlsrpt
