// One HTTP request and its response, as values.
//
// Units    sizes are bytes.
// Errors   none.
// Threads  values.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/net/endpoint.h"

namespace tlsrpt::net {

struct HttpRequest {
  std::string method;                                        // "POST"
  std::string target;                                        // "/v1/domains?state=ready"
  std::vector<std::pair<std::string, std::string>> headers;  // in order, as sent
  std::string body;                                          // chunks already joined
  Endpoint peer;
  bool tls = false;
  std::string tls_version;  // "TLSv1.3"; empty without

  // The first value of a header, its name compared without case; empty when absent.
  std::string_view Header(std::string_view name) const;
  // An empty header is one that was sent.
  bool HasHeader(std::string_view name) const;

  // The two halves of the target: "/v1/domains" and "state=ready", neither decoded. Of
  // an absolute target ("http://host/v1/domains", RFC 9112, 3.2.2) the same halves.
  std::string_view Path() const;
  std::string_view Query() const;
};

// The server adds Date, Content-Length and Connection.
struct HttpResponse {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

}  // namespace tlsrpt::net
