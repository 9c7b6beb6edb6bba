// The policy domain as the mail around a report gives it, for reports that leave it out
// (Postfix with tlsrpt-reporter on no-policy-found).
//
// Threads  pure functions.
#pragma once

#include <string>
#include <string_view>

#include "ingest/mail/header_block.h"

namespace tlsrpt::ingest {

// By where it stands, since a signature may cover one place and not another. Normalised;
// empty where there is no domain.
struct DomainHints {
  std::string report_domain;  // the TLS-Report-Domain field
  std::string subject;
  std::string file_name;

  const std::string& First() const {
    return !report_domain.empty() ? report_domain
           : !subject.empty()     ? subject
                                  : file_name;
  }
};

// RFC 8460, 5.3: the TLS-Report-Domain field, else "Report Domain: x" in the subject;
// else, RFC 8460, 5.1, the second field of "submitter!domain!start!end...".
//
// A field that stands twice is passed over: a signature covers the last of its name
// (RFC 6376, 5.4.2), and anybody can put another in front.
DomainHints DomainHintsOf(const HeaderBlock& header, std::string_view file_name);
// The first of them.
std::string DomainHint(const HeaderBlock& header, std::string_view file_name);
std::string DomainHint(std::string_view file_name);

}  // namespace tlsrpt::ingest
