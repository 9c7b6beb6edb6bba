// Which of the signatures of a mail vouches for the report in it, and as whom (DESIGN 4,
// "Who vouches for it"; RFC 8460, 3).
//
// Only about the signatures. Whether a signature of the mail can speak for this part of
// it is ReportPart::vouchable; whether a counted reporter writes from that address, is
// its profile (store/model/reporter.h).
//
// Threads  pure functions; an OrganisationCache may be shared by any number of threads.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ingest/dkim/dkim_result.h"

namespace tlsrpt::ingest {

class OrganisationCache;

struct DkimVouch {
  // The one that vouches, of those given; nullptr if none does.
  const DkimResult* signature = nullptr;
  std::string reporter;  // organisational domain of its d=; empty if none
  // None vouches yet, but an aligned one may once its key can be fetched: wait.
  bool undecided = false;
  std::string why;  // why none does, in a few words; empty if one does
};

// `from_address` is the one of the mail, empty if there is not exactly one
// (ingest/mail/from_address.h). Aligned: the same organisational domain by the Public
// Suffix List, its private section included; a public suffix is aligned with nothing.
// `cache` keeps what was found in that list from one call to the next.
DkimVouch VouchOf(const std::vector<DkimResult>& results, std::string_view from_address,
                  OrganisationCache* cache = nullptr);

// Which of the header fields that may name the domain of a report are signed as its mail
// is. One that is not may be anybody's: with another in its place the signature passes as
// before, and the report would count for that domain.
struct SignedHints {
  bool report_domain = false;  // TLS-Report-Domain
  bool subject = false;
};

// Those that each aligned signature that passed covers. Where none did here, and it is
// known that one had (`one_passed`: a relay of ours says so), each aligned one that is
// there: nobody says which it was.
SignedHints SignedHintsOf(const std::vector<DkimResult>& results,
                          std::string_view from_address, bool one_passed);

}  // namespace tlsrpt::ingest
