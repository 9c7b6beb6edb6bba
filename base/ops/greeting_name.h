// What a mail server may call itself in its greeting and its answer to EHLO.
//
// RFC 5321, 4.2 wants a domain or an address literal there. Wider in one place:
// underscores, which the names of machines have. A blank or a line end in it would be
// read as something else that we say.
//
// Errors   kMalformed, with what is expected.
// Threads  pure.
#pragma once

#include <string_view>

#include "base/result.h"

namespace tlsrpt::ops {

// mx.firm.example, [192.0.2.1] or [IPv6:2001:db8::1].
Result<void> CheckGreetingName(std::string_view name);

}  // namespace tlsrpt::ops
