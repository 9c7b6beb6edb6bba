// How much memory a piece of code holds at most, for tests that assert a ceiling.
//
// The counting operator new and delete are in allocation_meter.cc; a test program that
// links it counts everything that goes through them.
#pragma once

#include <cstddef>

namespace tlsrpt::ingest::testing {

class AllocationMeter {
 public:
  AllocationMeter();  // starts from what is held now
  // The most that has been held above the start since then.
  std::size_t PeakBytes() const;

 private:
  std::size_t start_;
};

}  // namespace tlsrpt::ingest::testing
