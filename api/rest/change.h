// What every request that changes something has in common: a JSON body that no browser
// sends by accident, a connection that may write, and who it was.
//
// Errors   413 and 415 for the body, 400 for no JSON object, 403 for a page of another
//          site, 503 where the database is away.
// Threads  as the Call.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "api/rest/answer.h"
#include "api/rest/call.h"
#include "api/rest/refusal.h"
#include "base/net/http_message.h"
#include "store/pg/connection.h"

namespace tlsrpt::api {

// A waiver with a long reason, and room.
inline constexpr std::size_t kMaxChangeBytes = 16u << 10;

// The body, which is an object; `expected` says to people what it should have been.
Rest<Json> BodyOf(const net::HttpRequest& request, std::string_view expected);

// As tlsrptd_admin.
Rest<std::unique_ptr<store::Connection>> ConnectToChange(const Call& call);

// For an audit column: "ci (token AbCdEfGh)".
std::string WhoOf(const Caller& caller);

}  // namespace tlsrpt::api
