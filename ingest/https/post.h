// What becomes of one POST (RFC 8460, 5.4): a request in, a spool entry or a refusal out.
// It knows no socket and no clock.
//
// Accept, then decide: gzip, zip or JSON by its first bytes is taken under any media
// type, and what is in it is looked at later. Real senders send application/tlsrpt+gzip
// (Stalwart) and application/tlsrpt+json (Halon); a script sends what curl makes of it.
//
// Units    sizes are bytes.
// Errors   none escape: what is wrong becomes a refusal, a problem document (RFC 9457).
// Threads  pure functions.
// Lifetime the settings outlive the call.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/net/http_message.h"
#include "base/net/network.h"
#include "base/result.h"
#include "base/uuid.h"
#include "ingest/https/counters.h"
#include "ingest/spool/spool.h"

namespace tlsrpt::ingest {

// It stands in other people's DNS, so this default never changes.
inline constexpr const char* kDefaultPostPath = "/v1/tlsrpt";

// When to come again while the spool is full or being started. Senders try for a day
// (RFC 8460, 5.5).
inline constexpr std::chrono::seconds kPostRetryAfter = std::chrono::minutes(5);

struct PostSettings {
  std::string path = kDefaultPostPath;
  std::vector<net::Network> trusted_networks;
  // Whether a body of so many bytes would be taken now. Empty: always.
  std::function<Result<void>(std::uint64_t)> has_room;
  // No room is asked for more than this: it is never taken, and the HTTP server says so
  // (413), where "no room now" would bring the sender back for a day.
  std::uint64_t max_body_bytes = std::numeric_limits<std::uint64_t>::max();
};

struct PostRefused {
  PostRefusal reason;
  net::HttpResponse response;
};

// A path as it may stand in a URL: kMalformed when it is none.
Result<void> CheckPostPath(const std::string& path);

// Before the body is read: nothing, or why it need not be.
std::optional<PostRefused> RefuseHead(const net::HttpRequest& head,
                                      const PostSettings& settings);

// The whole request. The entry is to be made durable, and then answered.
std::variant<SpoolEntry, PostRefused> TakePost(net::HttpRequest request,
                                               const PostSettings& settings,
                                               const Uuid& receipt_id, TimePoint now);

// The entry is durable: 202 and the receipt id, as SMTP gives it in its 250.
net::HttpResponse PostAccepted(const Uuid& receipt_id);
// It is not.
PostRefused PostNotTaken(const Error& error);

}  // namespace tlsrpt::ingest
