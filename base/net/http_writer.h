// A response as the bytes of HTTP/1.1 (RFC 9112).
//
// Threads  pure functions.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/net/http_message.h"

namespace tlsrpt::net {

struct HttpFraming {
  bool head_only = false;  // the answer to HEAD: the same header, no body
  bool close = false;      // no further request on this connection
  bool http_1_0 = false;   // the client keeps a connection only when it is told to
  std::chrono::sys_seconds now{};
};

// Adds Date, Content-Length and Connection. What would break a line out of a header
// becomes a blank: handlers put text of strangers into headers.
std::string FormatResponse(const HttpResponse& response, const HttpFraming& framing);

// "Not Found" for 404.
std::string_view ReasonOf(int status);

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7).
std::string HttpDate(std::chrono::sys_seconds time);

}  // namespace tlsrpt::net
