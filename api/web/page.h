// The page: which path is which of its files, and what a browser may do with them.
//
// "/" is the document, "/page/NAME" what it loads. It is the same for everybody and needs
// no token: all that it shows it asks of /v1, as whoever looks at it. Where somebody is
// on the page stands behind the "#" of the address and is never sent.
//
// Errors   a path that is none of the page's: nothing.
// Threads  a pure function.
#pragma once

#include <optional>
#include <string_view>

#include "api/rest/answer.h"

namespace tlsrpt::api {

// Scripts, styles and data come from here alone, no script or style stands in the
// document, and no string is ever made into markup or code (Trusted Types): what a report
// says stays text, even if a line of ours were wrong.
inline constexpr std::string_view kPagePolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'";

std::optional<Answer> FindPageFile(std::string_view path);

}  // namespace tlsrpt::api
