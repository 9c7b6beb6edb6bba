// DKIM signatures of a mail (RFC 6376, with RFC 8301 and RFC 8463): which there are, and
// which of them hold.
//
// Stricter than RFC 6376 where a report needs it: exactly one From field, no l=
// (RFC 8460, 3), no header past the limits of ingest/mail/header_block.h. A line ends
// with LF or CRLF and is canonicalised as CRLF, so that files saved with LF verify;
// unpacking sees the same lines and the same fields.
//
// Units    bytes; times are UTC.
// Errors   none: whatever is wrong is the outcome of its signature.
// Threads  pure functions; a DkimKeyCache may be shared by any number of threads.
// Lifetime the message is only read during the call.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "ingest/dkim/dkim_result.h"
#include "ingest/dkim/key_lookup.h"
#include "ingest/mail/header_block.h"
#include "ingest/mail/split_message.h"

namespace tlsrpt::ingest {

class DkimKeyCache;

// Report mails carry one or two signatures; each more may cost a DNS query and an RSA
// operation that a stranger chose. Those past it are not looked at.
inline constexpr std::size_t kMaxSignatures = 10;

// How far the clock of a signer may be ahead of ours, or ours ahead of an x=.
inline constexpr std::chrono::minutes kClockSkew{5};

// The names of the keys that VerifyDkim() will ask for ("selector._domainkey.domain",
// A-labels, lower case), each once: of the first kMaxSignatures signatures, those that
// could pass if their key is there.
std::vector<std::string> DkimKeyNames(std::string_view message,
                                      std::optional<TimePoint> received_at);

// One result for each of the first kMaxSignatures signatures, in the order of their
// fields; none for an unsigned message.
//
// `received_at` is when the message came, to which x= and t= are held. For an import
// that is not known: give the time of the import, since what has not expired by then
// had not when it came. Without any time, whatever has an x= has expired.
// `cache` keeps parsed keys from one call to the next; parsing one costs about as much
// as verifying with it.
std::vector<DkimResult> VerifyDkim(std::string_view message, const DkimKeyLookup& keys,
                                   std::optional<TimePoint> received_at,
                                   DkimKeyCache* cache = nullptr);

// Of a message that our policy refuses (expired, l=), whether its body is held to the
// signature all the same: for whoever may take it nevertheless. A digest of the body.
enum class RefusedBody { kCompared, kLeftAlone };

// The same for a message that was read before: `split` is of it, `header` of its header.
std::vector<DkimResult> VerifyDkim(std::string_view message, const SplitMail& split,
                                   const HeaderBlock& header, const DkimKeyLookup& keys,
                                   std::optional<TimePoint> received_at,
                                   DkimKeyCache* cache, RefusedBody refused);

}  // namespace tlsrpt::ingest
