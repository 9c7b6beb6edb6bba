#include "store/model/vouching.h"

#include <gtest/gtest.h>

#include <chrono>
#include <iterator>

namespace tlsrpt::store {
namespace {

using namespace std::chrono;  // NOLINT: literals

constexpr TimePoint kEarly = sys_days{2026y / November / 10};

// Best first; each counts before all that follow.
const VouchedCopy kOrder[] = {
    {Provenance::kDkim, true, kEarly, "google.com"},
    {Provenance::kAuthserv, true, kEarly + 1h, "google.com"},
    {Provenance::kDkim, true, kEarly + 2h, "google.com"},
    {Provenance::kOperator, true, kEarly - 1h, ""},
    {Provenance::kOperator, true, kEarly, ""},
    {Provenance::kOperator, true, kEarly, "google.com"},
    {Provenance::kDkim, false, kEarly - 2h, "evil.example"},
    {Provenance::kAuthserv, false, kEarly - 2h, "forwarder.example"},
    {Provenance::kDkim, false, kEarly, "a.example"},
    {Provenance::kDkim, false, kEarly, "b.example"},
    {Provenance::kNone, true, kEarly - 9h, ""},
};

TEST(Vouching, WhichCopyCounts) {
  for (std::size_t a = 0; a < std::size(kOrder); ++a) {
    for (std::size_t b = 0; b < std::size(kOrder); ++b) {
      EXPECT_EQ(CountsBefore(kOrder[a], kOrder[b]), a < b) << a << " and " << b;
    }
  }
}

}  // namespace
}  // namespace tlsrpt::store
