#include "tests/unit/ingest/unpack/allocation_meter.h"

#include <malloc.h>

#include <cstdlib>
#include <new>

namespace {

std::size_t held = 0;
std::size_t peak = 0;

// Null where there is none left.
void* Counted(std::size_t bytes) noexcept {
  void* memory = std::malloc(bytes > 0 ? bytes : 1);
  if (memory == nullptr) return nullptr;
  held += malloc_usable_size(memory);
  if (held > peak) peak = held;
  return memory;
}

void* CountedOrThrow(std::size_t bytes) {
  void* memory = Counted(bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void Uncounted(void* memory) {
  if (memory == nullptr) return;
  held -= malloc_usable_size(memory);
  std::free(memory);
}

}  // namespace

// All that the one delete may be asked to free: under ASan the forms that are not here
// would be its own, and it counts that as a fault.
void* operator new(std::size_t bytes) { return CountedOrThrow(bytes); }
void* operator new[](std::size_t bytes) { return CountedOrThrow(bytes); }
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  return Counted(bytes);
}
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept {
  return Counted(bytes);
}
void operator delete(void* memory) noexcept { Uncounted(memory); }
void operator delete[](void* memory) noexcept { Uncounted(memory); }
void operator delete(void* memory, std::size_t) noexcept { Uncounted(memory); }
void operator delete[](void* memory, std::size_t) noexcept { Uncounted(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { Uncounted(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept {
  Uncounted(memory);
}

namespace tlsrpt::ingest::testing {

AllocationMeter::AllocationMeter() : start_(held) { peak = held; }

std::size_t AllocationMeter::PeakBytes() const { return peak - start_; }

}  // namespace tlsrpt::ingest::testing
