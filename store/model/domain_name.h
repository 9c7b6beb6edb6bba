// Domain names in the one form that is stored and compared: A-labels, lower case, no
// trailing dot (RFC 8460, 4.4 asks for A-labels; not every sender obeys).
//
// Errors   kMalformed: not a host name; the message names the input. An exception where
//          there is no Public Suffix List at all, since "nobody vouches" would be a lie.
// Threads  pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tlsrpt::store {

// RFC 1035, 2.3.4: 255 octets on the wire are 253 in text.
inline constexpr std::size_t kMaxDomainBytes = 253;

// "Firm.Example." and "fïrm.example" become stored form. Letters, digits, hyphens and
// underscores in labels of 1 to 63 octets, at least one dot, not an IP address.
// libidn2 lets "a..b" and blanks pass; this does not. A name that is ASCII already is
// taken as DNS carries it: "xn--" labels are not decoded.
Result<std::string> NormaliseDomain(std::string_view text);

// The same for an MX pattern of a policy (RFC 8461, 3.2): "*." may lead, as may the
// "." of the drafts, which means the same and is returned as "*.".
Result<std::string> NormaliseMxPattern(std::string_view text);

// Whether `host` (normalised) matches `pattern` (normalised): "*." stands for exactly
// one label (RFC 8461, 4.1).
bool MatchesMxPattern(std::string_view host, std::string_view pattern);

// What stands behind the last "@", normalised; kMalformed without one.
Result<std::string> DomainOfAddress(std::string_view address);

// The organisational domain by the Public Suffix List, its private section included,
// so that two customers of one hoster are two; empty for a public suffix itself.
std::string OrganisationalDomain(std::string_view domain);

}  // namespace tlsrpt::store
