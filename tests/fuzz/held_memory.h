// The most memory a target's code under test holds at a time, so that a target can say
// what an input of a stranger may cost.
//
// Counts what goes through malloc and new, by the hooks of ASan's allocator; so it is
// exact, and blind to the code's stack.
//
// Units    bytes, as asked for.
// Threads  one: the one that libFuzzer runs the target on.
#pragma once

#include <sanitizer/allocator_interface.h>

#include <algorithm>
#include <cstddef>

namespace tlsrpt::fuzz {

class HeldMemory {
 public:
  // Starts from what is held now.
  HeldMemory() {
    [[maybe_unused]] static const int installed =
        __sanitizer_install_malloc_and_free_hooks(&Allocated, &Freed);
    held_ = peak_ = 0;
  }

  // The most that was held above the start since then.
  std::size_t PeakBytes() const { return static_cast<std::size_t>(peak_); }

 private:
  static void Allocated(const volatile void*, std::size_t bytes) {
    held_ += static_cast<std::ptrdiff_t>(bytes);
    peak_ = std::max(peak_, held_);
  }

  static void Freed(const volatile void* memory) {
    if (memory == nullptr) return;
    held_ -= static_cast<std::ptrdiff_t>(
        __sanitizer_get_allocated_size(const_cast<const void*>(memory)));
  }

  static inline std::ptrdiff_t held_ = 0;
  static inline std::ptrdiff_t peak_ = 0;
};

}  // namespace tlsrpt::fuzz
