#include "base/net/http_problem.h"

#include <cstdio>

#include "base/net/http_writer.h"
#include "base/text.h"

namespace tlsrpt::net {
namespace {

// More of a sentence than anybody reads.
constexpr std::size_t kMaxTextBytes = 1000;

std::string Quoted(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : CleanUtf8(text, kMaxTextBytes)) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escape[7];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
      quoted += escape;
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

}  // namespace

HttpResponse Problem(int status, std::string title, std::string detail) {
  return {status,
          {{"Content-Type", "application/problem+json"}},
          "{\"type\":\"about:blank\",\"title\":" + Quoted(title) + ",\"status\":" +
              std::to_string(status) + ",\"detail\":" + Quoted(detail) + "}\n"};
}

HttpResponse Problem(int status, std::string detail) {
  return Problem(status, std::string(ReasonOf(status)), std::move(detail));
}

HttpResponse TryAgainLater(std::chrono::seconds retry_after, std::string detail) {
  HttpResponse response = Problem(503, std::move(detail));
  response.headers.emplace_back("Retry-After", std::to_string(retry_after.count()));
  return response;
}

}  // namespace tlsrpt::net
