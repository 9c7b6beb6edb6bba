#include "base/thread.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <thread>

namespace tlsrpt {
namespace {

int NiceOf(pid_t id) { return getpriority(PRIO_PROCESS, static_cast<id_t>(id)); }
int NiceOfThisThread() { return NiceOf(gettid()); }

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

TEST(ThreadTest, AnotherProcessLetsOthersFirstAndNobodyElse) {
  const int before = NiceOfThisThread();
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    for (;;) pause();
  }
  LetOthersFirst(child);
  const int there = NiceOf(child);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_EQ(there, std::min(before + 10, 19));
  EXPECT_EQ(NiceOfThisThread(), before);
}

// Nanoseconds; 0 where the kernel has no slice of its own for each thread.
std::uint64_t SliceOfThisThread() {
  std::array<char, 48> attributes{};  // sched_getattr(2)
  if (syscall(SYS_sched_getattr, 0, attributes.data(), attributes.size(), 0) != 0)
    return 0;
  std::uint64_t runtime = 0;
  std::memcpy(&runtime, attributes.data() + 24, sizeof runtime);
  return runtime;
}

TEST(ThreadTest, AShortSliceChangesNothingElse) {
  const std::uint64_t before = SliceOfThisThread();
  std::uint64_t there = before;
  int nice_there = 0;
  std::thread([&] {
    LetOthersFirst();
    AskForShortSlices();
    there = SliceOfThisThread();
    nice_there = NiceOfThisThread();
  }).join();
  EXPECT_EQ(there, before == 0 ? 0u : 100'000u);
  EXPECT_EQ(nice_there, std::min(NiceOfThisThread() + 10, 19));
  EXPECT_EQ(SliceOfThisThread(), before);
}

}  // namespace
}  // namespace tlsrpt
