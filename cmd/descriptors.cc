#include "cmd/descriptors.h"

#include <sys/resource.h>

#include <algorithm>

namespace tlsrpt::cmd {
namespace {

// More than any setting of ours asks for; some systems allow a billion, and a child that
// closes all it might have inherited, one by one, would never start.
constexpr rlim_t kMostDescriptors = 65536;

}  // namespace

void RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t wanted = std::min(limit.rlim_max, kMostDescriptors);
  if (limit.rlim_cur >= wanted) return;
  limit.rlim_cur = wanted;
  (void)setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace tlsrpt::cmd
