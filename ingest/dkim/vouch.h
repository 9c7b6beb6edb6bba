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

}  // namespace tlsrpt::ingest
