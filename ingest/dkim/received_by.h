// Which host wrote a Received line (RFC 5321, 4.4): the name after "by".
//
// Threads  pure function.
#pragma once

#include <string>
#include <string_view>

namespace tlsrpt::ingest {

// "mx.firm.example", lower case; empty where there is not exactly one "by", so that a
// HELO of "x by other.example" makes no other host of it. `value` is what stands after
// the colon.
std::string ReceivedBy(std::string_view value);

}  // namespace tlsrpt::ingest
