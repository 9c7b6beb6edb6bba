// The address a mail says it is from (RFC 5322, 3.6.2).
//
// Only the plain case: one From field with one mailbox. Two authors, groups and two
// From fields have been used to show one domain and sign with another, and no reporter
// sends them; they give an empty address.
//
// Threads  pure function.
#pragma once

#include <string>

#include "ingest/mail/header_block.h"

namespace tlsrpt::ingest {

// "tlsrpt-noreply@microsoft.com", as sent; empty where there is no single one.
std::string FromAddress(const HeaderBlock& header);

}  // namespace tlsrpt::ingest
