// The policy domain of a report that names none, as far as whoever vouches for the report
// vouches for that as well.
//
// Threads  pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ingest/dkim/vouch.h"
#include "ingest/unpack/unpack.h"
#include "store/model/report.h"

namespace tlsrpt::ingest {

// Whether a result of `report`, which was parsed from `part`, has its domain from the
// mail.
bool IsDomainGuessed(const ReportPart& part, const store::Report& report);

// The domain that the mail gives where it is signed: the fields that are, else the file's
// name, which stands in the body. Empty: nowhere, or no signature covers such a part.
std::string SignedDomain(const ReportPart& part, const SignedHints& is_signed);

// The same as it was found when `mail` came: `results` are those that its receipt keeps
// (Voucher::DkimResults()), in the order of the signatures, which say themselves what
// they sign. `signed_well`: its receipt says that, whatever the results do; old ones do
// not keep what a relay said.
std::string KeptSignedDomain(const ReportPart& part, std::string_view mail,
                             const std::vector<std::string>& results, bool signed_well);

}  // namespace tlsrpt::ingest
