#include "ingest/https/post.h"

#include <algorithm>
#include <utility>

#include "base/error_table.h"
#include "base/net/http_problem.h"
#include "base/text.h"
#include "ingest/https/trust.h"
#include "ingest/unpack/payload.h"

namespace tlsrpt::ingest {
namespace {

constexpr const char* kTransport = "https";

PostRefused NoRoom() {
  return {PostRefusal::kNoRoom,
          net::TryAgainLater(kPostRetryAfter, "no room for reports now")};
}

PostRefused TooLarge() {
  return {PostRefusal::kTooLarge, net::Problem(413, "the body is too large")};
}

// Of the body, as far as it was declared.
std::uint64_t DeclaredBytes(const net::HttpRequest& head) {
  return ParseUnsigned(head.Header("Content-Length")).value_or(0);
}

}  // namespace

Result<void> CheckPostPath(const std::string& path) {
  const bool printable =
      std::all_of(path.begin(), path.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (path.starts_with('/') && printable && path.find_first_of("?#") == path.npos) {
    return {};
  }
  return Error{ErrorKind::kMalformed, "path \"" + CleanUtf8(path, 100) +
                                          "\": write it as in a URL, from the slash on, "
                                          "without blanks, ? or #, as in " +
                                          kDefaultPostPath};
}

std::optional<PostRefused> RefuseHead(const net::HttpRequest& head,
                                      const PostSettings& settings) {
  if (head.Path() != settings.path) {
    return PostRefused{PostRefusal::kWrongPath,
                       net::Problem(404, "reports are taken at " + settings.path)};
  }
  if (head.method != "POST") {
    PostRefused refused{PostRefusal::kWrongMethod,
                        net::Problem(405, "reports are sent with POST")};
    refused.response.headers.emplace_back("Allow", "POST");
    return refused;
  }
  const std::uint64_t bytes = DeclaredBytes(head);
  if (bytes > settings.max_body_bytes) return std::nullopt;
  const auto room = settings.has_room ? settings.has_room(bytes) : Result<void>();
  if (room) return std::nullopt;
  return room.error().kind == ErrorKind::kTooLarge ? TooLarge() : NoRoom();
}

std::variant<SpoolEntry, PostRefused> TakePost(net::HttpRequest request,
                                               const PostSettings& settings,
                                               const Uuid& receipt_id, TimePoint now) {
  if (request.body.empty()) {
    return PostRefused{PostRefusal::kEmpty, net::Problem(400, "the body is empty")};
  }
  if (Sniff(request.body) == Magic::kNone) {
    return PostRefused{
        PostRefusal::kUnknownForm,
        net::Problem(415, "the body is neither gzip, zip nor JSON, by its first bytes")};
  }
  SpoolEntry entry;
  entry.receipt_id = receipt_id;
  entry.received_at = now;
  entry.transport = kTransport;
  entry.peer = request.peer.ToString();
  entry.tls = request.tls_version;
  entry.peer_trusted = IsTrusted(request, settings.trusted_networks);
  entry.body = std::move(request.body);
  return entry;
}

net::HttpResponse PostAccepted(const Uuid& receipt_id) {
  return {202,
          {{"Content-Type", "application/json"}},
          "{\"receipt_id\":\"" + receipt_id.ToString() + "\"}\n"};
}

PostRefused PostNotTaken(const Error& error) {
  if (error.kind == ErrorKind::kTooLarge) return TooLarge();
  if (error.kind == ErrorKind::kUnavailable) {
    PostRefused refused = NoRoom();
    refused.reason = PostRefusal::kNotDurable;
    return refused;
  }
  return {PostRefusal::kNotDurable,
          net::Problem(RowOf(error.kind).http_intake_status, "the report was not taken")};
}

}  // namespace tlsrpt::ingest
