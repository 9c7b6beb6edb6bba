// Gunzip one TLS-RPT report body, with a hard ceiling on what comes out.
//
// Report bodies come from strangers (RFC 8460, 7 "Untrusted content"), and one
// megabyte of gzip can ask for a gigabyte of memory. The caller names the most it
// will take; no stranger can cost us much more than that.
//
// Units    sizes are bytes.
// Errors   kMalformed   not gzip, a failed CRC, or cut short  -> quarantine
//          kTooLarge    output would pass max_output_bytes    -> quarantine
//          Never kUnavailable: the same bytes fail the same way, so no retry.
// Threads  pure functions; call from any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tlsrpt::ingest {

// Twice the 10 MB that RFC 8460, 5.2 calls a commonly observed receiver limit.
inline constexpr std::size_t kMaxReportBytes = 20u << 20;

// What may stand between two members and behind the last one without a meaning.
inline constexpr std::string_view kGzipPadding("\0 \t\r\n", 5);

// Returns the bytes inside `gz`, which holds a whole RFC 1952 file.
//
// Members are joined in order (RFC 1952, 2.2), over the padding of senders. What else
// stands behind the last one is joined as it is, so that whoever reads the text decides
// what it is worth.
Result<std::string> Gunzip(std::string_view gz,
                           std::size_t max_output_bytes = kMaxReportBytes);

// The same under an allowance that several bodies share: at most `*room` bytes come out,
// and what did is taken off it, of a body that turns out to be damaged too. Or a thousand
// damaged ones would each have the whole.
Result<std::string> Gunzip(std::string_view gz, std::size_t* room);

// True when `bytes` start like gzip, whatever the media type claimed.
bool LooksLikeGzip(std::string_view bytes);

}  // namespace tlsrpt::ingest
