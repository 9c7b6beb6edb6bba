#include "store/model/vouching.h"

#include <tuple>

namespace tlsrpt::store {
namespace {

// Lower counts first.
int RankOf(const VouchedCopy& copy) {
  switch (copy.provenance) {
    case Provenance::kDkim:
    case Provenance::kAuthserv:
      return copy.from_known ? 0 : 2;
    case Provenance::kOperator:
      return 1;
    case Provenance::kNone:
      break;
  }
  return 3;
}

}  // namespace

bool CountsBefore(const VouchedCopy& a, const VouchedCopy& b) {
  const int rank_a = RankOf(a);
  const int rank_b = RankOf(b);
  return std::tie(rank_a, a.received_at, a.reporter) <
         std::tie(rank_b, b.received_at, b.reporter);
}

}  // namespace tlsrpt::store
