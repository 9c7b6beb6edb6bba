// What became of a receipt, by what became of its reports.
//
// Threads  pure.
#pragma once

#include <cstdint>

#include "store/model/vocabulary.h"

namespace tlsrpt::store {

inline Outcome OutcomeOf(std::int64_t stored, std::int64_t duplicate,
                         std::int64_t quarantined) {
  if (stored > 0) return Outcome::kStored;
  if (duplicate > 0) return Outcome::kDuplicate;
  if (quarantined > 0) return Outcome::kQuarantined;
  return Outcome::kOrdinary;
}

}  // namespace tlsrpt::store
