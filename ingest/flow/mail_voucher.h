// Who vouches for a report that came by mail: its DKIM signature, else a relay of ours
// that says it verified one, else - for an import - the operator (DESIGN 4).
//
// Everything is looked at once for a submission, in ForEntry(); Vouch() then answers for
// each part from what was found. DkimResults() are those of its signatures, and below
// them the one that a relay of ours is believed for, behind kRelaySays.
//
// Threads  any; what ForEntry() returns, one at a time.
// Lifetime the parts outlive it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/net/network.h"
#include "ingest/dkim/dkim_result.h"
#include "ingest/dkim/key_cache.h"
#include "ingest/dkim/organisation_cache.h"
#include "ingest/dkim/trusted_results.h"
#include "ingest/flow/domain_view.h"
#include "ingest/flow/key_source.h"
#include "ingest/flow/voucher.h"

namespace tlsrpt::ingest {

struct MailTrust {
  // Whose Authentication-Results are believed, and which. `exchange_online` is for
  // imports only: a mailbox there is behind a login, a connection from there is
  // anybody's.
  AuthservTrust authserv = {};
  // Mail from here came through such a relay.
  std::vector<net::Network> relays = {};
  // The same for LMTP on a unix socket: "unix:/run/tlsrptd/lmtp". Everybody who can reach
  // its folder is then believed.
  std::vector<std::string> relay_sockets = {};
  ImportVouching imports = {};
};

// What many mails have in common.
struct MailCaches {
  DkimKeyCache keys;
  OrganisationCache organisations;
};

class MailVoucher final : public Voucher {
 public:
  // `posted` answers for what came over HTTPS; null: nobody does.
  MailVoucher(MailTrust trust, KeySource& keys, const DomainViews& views,
              const Voucher* posted = nullptr)
      : trust_(std::move(trust)), keys_(keys), views_(views), posted_(posted) {}

  std::unique_ptr<const Voucher> ForEntry(const SpoolEntry& entry) const override;
  // What was not looked at with ForEntry().
  Vouched Vouch(const SpoolEntry& entry, const ReportPart& part,
                const store::Report* report) const override;

 private:
  const MailTrust trust_;
  KeySource& keys_;
  const DomainViews& views_;
  const Voucher* const posted_;
  mutable MailCaches caches_;
};

// One result as RFC 8601, 2.2 writes it:
// "dkim=pass header.d=google.com header.s=20230601 header.a=rsa-sha256".
std::string ResultText(const DkimResult& result);

// What such a result begins with, and behind it the same where it vouches. Of a relay's
// word that is all that is kept, so it is how a later look knows what it was about:
// "relay: dkim=pass header.d=google.com".
inline constexpr std::string_view kRelaySays = "relay: ";
inline constexpr std::string_view kDkimPassOf = "dkim=pass header.d=";

}  // namespace tlsrpt::ingest
