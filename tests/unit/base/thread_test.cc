#include "base/thread.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

namespace tlsrpt {
namespace {

int NiceOfThisThread() { return getpriority(PRIO_PROCESS, static_cast<id_t>(gettid())); }

TEST(ThreadTest, OnlyTheThreadThatSaysSoLetsOthersFirst) {
  const int before = NiceOfThisThread();
  int there = before;
  std::thread([&] {
    LetOthersFirst();
    there = NiceOfThisThread();
  }).join();
  EXPECT_EQ(there, std::min(before + 10, 19));
  EXPECT_EQ(NiceOfThisThread(), before);
}

}  // namespace
}  // namespace tlsrpt
