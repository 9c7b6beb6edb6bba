// From an answer to the response on the wire: entity tags, "not modified", gzip, and the
// headers that every answer carries.
//
// An entity tag is made of the bytes of the answer, so it is strong (RFC 9110, 8.8.3):
// the same tag is the same bytes, after a restart and from another node too. The gzip
// form is other bytes and has a tag of its own.
//
// Threads  pure functions.
#pragma once

#include <string>
#include <string_view>

#include "api/rest/answer.h"
#include "api/rest/refusal.h"
#include "base/net/http_message.h"

namespace tlsrpt::api {

// Below this the header of gzip, and a CPU's time, cost more than they save.
inline constexpr std::size_t kMinGzipBytes = 1024;

net::HttpResponse ToResponse(Answer answer, const net::HttpRequest& request);
net::HttpResponse ToResponse(const Refusal& refusal);

// `"..."`, of the bytes.
std::string EntityTagOf(std::string_view bytes);

// Whether If-None-Match names `tag` (RFC 9110, 13.1.2): "*", or a list compared weakly.
bool MatchesTag(std::string_view if_none_match, std::string_view tag);

// Whether Accept-Encoding allows gzip (RFC 9110, 12.5.3).
bool AcceptsGzip(std::string_view accept_encoding);

}  // namespace tlsrpt::api
