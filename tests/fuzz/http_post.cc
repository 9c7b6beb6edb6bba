// Requests to the HTTPS intake: bytes to requests, and requests to entries or refusals.
//
// The first byte of the input says how TCP cuts the rest.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/net/http_reader.h"
#include "base/text.h"
#include "ingest/https/post.h"
#include "ingest/https/trust.h"
#include "ingest/unpack/payload.h"
#include "tests/fuzz/check.h"

namespace {

using namespace tlsrpt;
using namespace tlsrpt::ingest;
using net::HttpReader;
using net::HttpRequest;
using net::HttpResponse;
using State = HttpReader::State;

constexpr net::HttpReaderLimits kLimits{.max_body_bytes = 1000, .max_header_bytes = 1500};

void CheckRefusal(const HttpResponse& response) {
  FUZZ_CHECK(response.status >= 400 && response.status < 600);
  FUZZ_CHECK(nlohmann::json::accept(response.body));
  for (const auto& [name, value] : response.headers) {
    FUZZ_CHECK((name + value).find_first_of("\r\n") == std::string::npos);
  }
}

// What two servers could read in two ways, and so smuggle past each other.
void CheckFraming(const HttpRequest& request) {
  std::size_t lengths = 0, encodings = 0, hosts = 0;
  for (const auto& [name, value] : request.headers) {
    FUZZ_CHECK(!name.empty());
    for (const std::string& text : {name, value}) {
      FUZZ_CHECK(text.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
    }
    lengths += EqualsIgnoreCase(name, "Content-Length");
    encodings += EqualsIgnoreCase(name, "Transfer-Encoding");
    hosts += EqualsIgnoreCase(name, "Host");
  }
  FUZZ_CHECK(lengths + encodings <= 1 && hosts <= 1);
  FUZZ_CHECK(request.body.empty() || lengths + encodings == 1);
  FUZZ_CHECK(request.body.size() <= kLimits.max_body_bytes);
  if (lengths == 1) {
    FUZZ_CHECK(ParseUnsigned(request.Header("Content-Length")) == request.body.size());
  }
}

bool ComesThroughAProxy(const HttpRequest& request) {
  return request.HasHeader("Forwarded") || request.HasHeader("X-Forwarded-For") ||
         request.HasHeader("Via");
}

void CheckPost(HttpRequest request) {
  static const PostSettings settings = [] {
    PostSettings made;
    made.trusted_networks = ParseTrustedNetworks({"192.0.2.0/24"}).value();
    return made;
  }();
  request.tls = true;
  request.peer.address = *net::IpAddress::Parse("192.0.2.1");
  if (const auto refused = RefuseHead(request, settings)) {
    FUZZ_CHECK(request.method != "POST" || request.Path() != settings.path);
    return CheckRefusal(refused->response);
  }
  FUZZ_CHECK(request.method == "POST" && request.Path() == settings.path);
  const bool known = Sniff(request.body) != Magic::kNone;
  const auto taken = TakePost(request, settings, Uuid{}, TimePoint{});
  const SpoolEntry* entry = std::get_if<SpoolEntry>(&taken);
  FUZZ_CHECK((entry != nullptr) == known);
  if (entry == nullptr) return CheckRefusal(std::get<PostRefused>(taken).response);
  FUZZ_CHECK(entry->body == request.body);
  FUZZ_CHECK(!entry->peer_trusted || !ComesThroughAProxy(request));
}

// Each request in a line of its own, up to and with the first fault.
class Reader {
 public:
  void Bring(std::string_view bytes) {
    while (!bytes.empty() && !closed_) {
      const std::size_t taken = reader_->Feed(bytes);
      FUZZ_CHECK(taken > 0 && taken <= bytes.size());
      bytes.remove_prefix(taken);
      if (reader_->state() == State::kHeadDone) reader_->ReadBody();
      if (reader_->state() == State::kFault) {
        FUZZ_CHECK(reader_->fault().status >= 400 && !reader_->fault().detail.empty());
        outcomes.push_back(std::to_string(reader_->fault().status));
        closed_ = true;
      } else if (reader_->state() == State::kDone) {
        const HttpRequest request = reader_->TakeRequest();
        CheckFraming(request);
        CheckPost(request);
        outcomes.push_back(request.method + ' ' + request.target + ' ' + request.body);
        reader_ = std::make_unique<HttpReader>(kLimits);
      }
    }
    FUZZ_CHECK(reader_->held_bytes() <=
               kLimits.max_body_bytes + 2 * kLimits.max_header_bytes);
  }

  std::vector<std::string> outcomes;

 private:
  std::unique_ptr<HttpReader> reader_ = std::make_unique<HttpReader>(kLimits);
  bool closed_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::size_t piece = 1 + data[0] % 100;
  std::string input(reinterpret_cast<const char*>(data) + 1, size - 1);
  // A chunk's header that comes in pieces is looked at from its fifth byte on, so a bad
  // one may be known a little later: end with more bytes than a body may have, which
  // decide nothing themselves.
  input += std::string(kLimits.max_body_bytes + 10, 'z');

  Reader whole;
  whole.Bring(input);
  Reader cut;
  for (std::string_view rest = input; !rest.empty();) {
    const std::string bytes(rest.substr(0, piece));  // its own allocation, for ASan
    cut.Bring(bytes);
    rest.remove_prefix(bytes.size());
  }
  FUZZ_CHECK(cut.outcomes == whole.outcomes);
  return 0;
}
