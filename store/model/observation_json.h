// An observation as JSON: the form in which it is stored, shown and canned for a demo.
//
//   observation = { "observed_at": time, "complete": bool, "mta_sts": txt,
//                   "smtp_tls": txt, "policy": fetch, "mx": mx, "addresses": [address] }
//   txt         = { "state", "records": [text], "ttl", "dnssec": bool, "problem" }
//   mx          = { "state", "hosts": [{ "name", "preference" }], "implicit": bool,
//                   "ttl", "dnssec": bool, "problem" }
//   fetch       = { "outcome", "status", "location", "content_type", "body_bytes",
//                   "body", "certificate": certificate or null, "problem" }
//   address     = { "mx", "address", "outcome", "reply_code", "tls_version", "tlsa",
//                   "certificate": certificate or null, "problem" }
//   certificate = { "trusted": bool, "name_matches": bool, "names": [text], "issuer",
//                   "not_before": time, "not_after": time, "problem" }
//   time        = microseconds since 1970-01-01T00:00:00Z, a number
//
// Members that are not known are ignored, members that are absent have their default, so
// that old rows stay readable. A member of the wrong type, an unknown word or a number
// out of range is an error: half an observation might hide a fault.
//
// Errors   kMalformed   no JSON, or not this JSON; the message names the member
//          kTooLarge    past a limit below
// Threads  pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/model/observation.h"

namespace tlsrpt::store {

// A policy body of 64 KB, ten addresses for each of a hundred MX, and room.
inline constexpr std::size_t kMaxObservationBytes = 4u << 20;
// More than any domain has; what is longer was made by somebody else.
inline constexpr std::size_t kMaxObservedItems = 1000;

std::string ToJson(const Observation& observation);

Result<Observation> ObservationFromJson(std::string_view text);

}  // namespace tlsrpt::store
