// Whom a request says it is for. Without tokens the API answers everybody who reaches the
// loopback, a browser on this machine included; and a page of a stranger can make its own
// name resolve to 127.0.0.1 and read what we answer (DNS rebinding). Its requests carry
// its name in Host, so a Host that is none of ours is refused.
//
// Threads  pure functions.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace tlsrpt::api {

// "localhost" of "LocalHost:8080", "[::1]" of "[::1]:8080".
std::string HostNameOf(std::string_view host);

// Whether `host` (the header) is localhost, 127.0.0.1, [::1] or one of `names`, which are
// in lower case, at any port.
bool IsOurHost(std::string_view host, const std::set<std::string>& names);

// Whether `origin` (the header of a browser, RFC 6454, 7; empty: none) is a page of
// `host`. "null", which sandboxed pages send, is not.
bool IsSameOrigin(std::string_view origin, std::string_view host);

}  // namespace tlsrpt::api
