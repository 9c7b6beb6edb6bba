#include "ingest/flow/trusted_network_voucher.h"

namespace tlsrpt::ingest {

Vouched TrustedNetworkVouches::Vouch(const SpoolEntry& entry, const ReportPart& part,
                                     const store::Report* report) const {
  if (store::TransportOf(entry.transport) != store::Transport::kHttps) {
    return otherwise_.Vouch(entry, part, report);
  }
  if (entry.peer_trusted) {
    return OperatorVouches().Vouch(entry, part, report);
  }
  return {store::Provenance::kNone, "", "posted, and not from a trusted network"};
}

}  // namespace tlsrpt::ingest
