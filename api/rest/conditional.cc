#include "api/rest/conditional.h"

#include <openssl/sha.h>
#include <zlib.h>

#include <array>
#include <optional>
#include <stdexcept>
#include <utility>

#include "base/base64url.h"
#include "base/net/http_problem.h"
#include "base/text.h"

namespace tlsrpt::api {
namespace {

// JSON gains little from more, and every request pays for it.
constexpr int kGzipLevel = 5;
constexpr int kGzipWindowBits = 15 + 16;  // 16: a gzip header (zlib.h)
constexpr int kGzipMemory = 8;
// 96 bits of SHA-256 tell two answers apart well enough.
constexpr std::size_t kTagBytes = 12;

constexpr std::string_view kGzipSuffix = "-gzip";

std::string Gzip(std::string_view bytes) {
  z_stream stream{};
  if (deflateInit2(&stream, kGzipLevel, Z_DEFLATED, kGzipWindowBits, kGzipMemory,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("zlib: no memory");
  }
  std::string packed(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int done = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  if (done != Z_STREAM_END) throw std::runtime_error("zlib: deflate did not end");
  return packed;
}

// "0", "0.0", "0.000": not acceptable.
bool IsZero(std::string_view quality) {
  return !quality.empty() && quality.find_first_not_of("0.") == std::string_view::npos;
}

// A page of another site, or what a browser guesses the bytes to be, gains nothing.
void AddCommonHeaders(net::HttpResponse& response,
                      std::string_view content_security_policy) {
  auto& headers = response.headers;
  headers.emplace_back("X-Content-Type-Options", "nosniff");
  headers.emplace_back("Content-Security-Policy", content_security_policy);
  headers.emplace_back("Referrer-Policy", "no-referrer");
  headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
}

}  // namespace

std::string EntityTagOf(std::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> hash{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), hash.data());
  return "\"" + ToBase64Url({reinterpret_cast<const char*>(hash.data()), kTagBytes}) +
         "\"";
}

bool MatchesTag(std::string_view if_none_match, std::string_view tag) {
  for (std::string_view each : Split(if_none_match, ',')) {
    each = Trim(each);
    if (each == "*") return true;
    if (each.starts_with("W/")) each.remove_prefix(2);
    if (each == tag) return true;
  }
  return false;
}

bool AcceptsGzip(std::string_view accept_encoding) {
  std::optional<bool> gzip;
  std::optional<bool> any;
  for (const std::string_view item : Split(accept_encoding, ',')) {
    const auto parts = Split(item, ';');
    const std::string_view name = Trim(parts[0]);
    bool accepted = true;
    for (std::size_t i = 1; i < parts.size(); ++i) {
      const std::string_view weight = Trim(parts[i]);
      if (StartsWithIgnoreCase(weight, "q=")) accepted = !IsZero(Trim(weight.substr(2)));
    }
    if (EqualsIgnoreCase(name, "gzip") || EqualsIgnoreCase(name, "x-gzip")) {
      gzip = accepted;
    }
    if (name == "*") any = accepted;
  }
  return gzip.value_or(any.value_or(false));
}

net::HttpResponse ToResponse(Answer answer, const net::HttpRequest& request) {
  net::HttpResponse response;
  response.status = answer.status;
  response.headers = std::move(answer.headers);
  AddCommonHeaders(response, answer.content_security_policy);
  const bool may_gzip = answer.body.size() >= kMinGzipBytes;
  const bool gzip = may_gzip && AcceptsGzip(request.Header("Accept-Encoding"));
  if (answer.cacheable && answer.status == 200) {
    std::string tag = EntityTagOf(answer.body);
    if (gzip) tag.insert(tag.size() - 1, kGzipSuffix);
    response.headers.emplace_back("ETag", tag);
    // May be kept, by whoever asked alone, and asked about each time.
    response.headers.emplace_back("Cache-Control", "private, no-cache");
    response.headers.emplace_back("Vary", "Accept-Encoding, Authorization");
    if (MatchesTag(request.Header("If-None-Match"), tag)) {
      response.status = 304;
      return response;
    }
  } else {
    response.headers.emplace_back("Cache-Control", "no-store");
  }
  if (!answer.content_type.empty()) {
    response.headers.emplace_back("Content-Type", std::move(answer.content_type));
  }
  if (gzip) {
    response.headers.emplace_back("Content-Encoding", "gzip");
    response.body = Gzip(answer.body);
  } else {
    response.body = std::move(answer.body);
  }
  return response;
}

net::HttpResponse ToResponse(const Refusal& refusal) {
  net::HttpResponse response = net::Problem(refusal.status, refusal.detail);
  for (const auto& header : refusal.headers) response.headers.push_back(header);
  response.headers.emplace_back("Cache-Control", "no-store");
  AddCommonHeaders(response, kShowsNothing);
  return response;
}

}  // namespace tlsrpt::api
