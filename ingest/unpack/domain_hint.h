// The policy domain as the mail around a report gives it, for reports that leave it out
// (Postfix with tlsrpt-reporter on no-policy-found).
//
// Threads  pure functions.
#pragma once

#include <string>
#include <string_view>

#include "ingest/mail/header_block.h"

namespace tlsrpt::ingest {

// RFC 8460, 5.3: the TLS-Report-Domain field, else "Report Domain: x" in the subject;
// else, RFC 8460, 5.1, the second field of "submitter!domain!start!end...". Normalised;
// empty where none of them is a domain.
//
// A field that stands twice is passed over: a signature covers the last of its name
// (RFC 6376, 5.4.2), and anybody can put another in front.
std::string DomainHint(const HeaderBlock& header, std::string_view file_name);
std::string DomainHint(std::string_view file_name);

}  // namespace tlsrpt::ingest
