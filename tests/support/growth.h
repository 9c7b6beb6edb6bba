// How the work of a function grows with its input: twice the input must not cost three
// times the work. What is quadratic costs four.
//
// Work is the CPU time of the calling thread, the least of several runs: that says what
// the code did, and little of what else the machine was doing. Sizes are to be chosen so
// that a run takes milliseconds at least.
//
// Threads  one.
#pragma once

#include <time.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

namespace tlsrpt::testing {

inline constexpr double kMostGrowth = 3;

// Less work than this is taken for this much: what is refused at its first bytes takes no
// time at n, and twice as little at 2n.
inline constexpr std::int64_t kLeastWorkNanoseconds = 1'000'000;

// The least CPU time of a few runs, in nanoseconds.
template <class Work>
std::int64_t LeastWork(const Work& work, int runs) {
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
  };
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  for (int run = 0; run < runs; ++run) {
    const std::int64_t before = now();
    work();
    least = std::min(least, now() - before);
  }
  return least;
}

// Work on `make(2 * n)` over work on `make(n)`. Measured again, up to a few times, while
// it looks like more than kMostGrowth: a neighbour on the core can take the cache away,
// and it cannot give any.
template <class Make, class Use>
double Growth(const Make& make, std::size_t n, const Use& use) {
  const std::string once = make(n);
  const std::string twice = make(2 * n);
  constexpr int kRuns = 3;
  double growth = std::numeric_limits<double>::max();
  for (int attempt = 0; attempt < 5 && growth >= kMostGrowth; ++attempt) {
    const std::int64_t of_once = LeastWork([&] { use(once); }, kRuns);
    const std::int64_t of_twice = LeastWork([&] { use(twice); }, kRuns);
    growth =
        std::min(growth, static_cast<double>(of_twice) /
                             static_cast<double>(std::max<std::int64_t>(of_once, 1)));
  }
  return growth;
}

}  // namespace tlsrpt::testing
