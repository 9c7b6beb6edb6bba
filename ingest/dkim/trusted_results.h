// What a relay of ours says of a mail, for provenance `authserv` (DESIGN 4).
//
// A relay puts its Received line on top of what it was given, and its
// Authentication-Results on top of that. So what stands above its Received line is its
// word or that of hosts behind it, and everything below is a stranger's. The first
// Received line that is not of a host known to be behind the relay is taken for the
// relay's: going further down on the word of a name in it would let anybody write that
// name. A relay that puts the field below its own Received line (Gmail, milters at
// Postfix) cannot be told from its sender, and is not believed.
//
// Ask only for mail from a configured relay address, or an import marked so.
//
// Threads  pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ingest/dkim/authentication_results.h"

namespace tlsrpt::ingest {

struct AuthservTrust {
  // Of the relay, compared without case as host names are; a trailing dot is another id.
  std::vector<std::string> authserv_ids = {};
  // Hosts between the relay and here (a filter, local delivery) whose Received lines are
  // passed over: "filter.firm.example", or ".firm.example" for every host below it.
  // Never the relay itself: below its line is what it was given.
  std::vector<std::string> inner_hosts = {};
  // The relay is Exchange Online: no authserv-id; the lines of its inner hosts are
  // passed over, down to that of the one at its border, and of the fields above it only
  // the topmost is believed.
  bool exchange_online = false;
};

// The results of all believed fields, in the order of the fields. Those of other ids,
// below the relay's line, or unreadable are left out. No Received line at all: none is
// believed.
std::vector<MethodResult> TrustedResults(std::string_view message,
                                         const AuthservTrust& trust);

struct AuthservVouch {
  std::string reporter;  // organisational domain of header.d; empty if none vouches
  std::string domain;    // that header.d
  std::string why;       // why none does, in a few words; empty if one does
};

// dkim=pass with a header.d aligned with From, as in vouch.h.
AuthservVouch VouchOf(const std::vector<MethodResult>& results,
                      std::string_view from_address);

}  // namespace tlsrpt::ingest
