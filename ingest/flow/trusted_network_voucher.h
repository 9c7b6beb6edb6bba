// Who vouches for a report that was POSTed: the administrator, for what comes straight
// from a network that he trusts, and nobody for the rest. A `rua` URL is public, so a
// secret in it proves nothing, and RFC 8460 has no signature for HTTPS.
//
// What is trusted was decided at receipt and is in the entry; see ingest/https.
//
// Errors   none: whoever cannot be vouched for is kNone, with the reason in `why`.
// Threads  Vouch() may be called from any thread.
// Lifetime the other voucher outlives this one.
#pragma once

#include "ingest/flow/voucher.h"

namespace tlsrpt::ingest {

class TrustedNetworkVouches final : public Voucher {
 public:
  // `otherwise` is asked about whatever was not POSTed.
  explicit TrustedNetworkVouches(const Voucher& otherwise) : otherwise_(otherwise) {}

  Vouched Vouch(const SpoolEntry& entry, const ReportPart& part,
                const store::Report* report) const override;

 private:
  const Voucher& otherwise_;
};

}  // namespace tlsrpt::ingest
