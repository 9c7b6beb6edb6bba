// Problem documents: what went wrong with a request, for programs and people (RFC 9457).
//
// Errors   none.
// Threads  pure functions.
#pragma once

#include <chrono>
#include <string>

#include "base/net/http_message.h"

namespace tlsrpt::net {

// A response with {"type": "about:blank", "title", "status", "detail"}. Both texts may
// hold anything, a stranger's bytes too.
HttpResponse Problem(int status, std::string title, std::string detail);

// The title is the usual name of the status, as RFC 9457, 4.2.1 wants it for about:blank.
HttpResponse Problem(int status, std::string detail);

// 503 with Retry-After.
HttpResponse TryAgainLater(std::chrono::seconds retry_after, std::string detail);

}  // namespace tlsrpt::net
