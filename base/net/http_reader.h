// Reads one HTTP/1.1 request (RFC 9112): bytes in, a request out. It knows no socket and
// no clock; its owner (http_server.h, or a test) brings bytes.
//
//   Feed ... -> kHead      bring more bytes
//               kHeadDone  look at request(), then ReadBody(), or refuse
//               kBody      bring more bytes
//               kDone      TakeRequest(); the rest of the bytes is the next request's
//               kFault     answer with fault() and close
//
// Beast parses. It is stricter than most, and not strict enough to stand behind a proxy
// that reads the same bytes in another way and lets a second request ride along in the
// body of the first. So this is refused as well:
//   - Content-Length twice or as a list, even when the values agree (RFC 9112, 6.3)
//   - any Transfer-Encoding but one "chunked", which Beast takes for a request without a
//     body; and any at all from HTTP/1.0 (RFC 9112, 6.1)
//   - a folded header line, which Beast unfolds (RFC 9112, 5.2)
//   - a Host that is absent from HTTP/1.1, there twice, or none (RFC 9112, 3.2)
//   - control characters in a chunk extension: a bare LF ends the line for some
//
// It is laxer in one place: HTTP/1.2 and later minor versions are read as HTTP/1.1
// (RFC 9110, 2.5).
//
// Units    sizes are bytes.
// Errors   none escape: what is wrong becomes a fault.
// Threads  one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/net/http_message.h"

namespace tlsrpt::net {

struct HttpReaderLimits {
  std::uint64_t max_body_bytes = 0;
  // Request line and headers; a chunk's header, and the trailer, may be as long.
  std::size_t max_header_bytes = 0;
};

struct HttpFault {
  int status;          // 400, 413, 417, 431, 501 or 505
  std::string detail;  // a sentence for the client
};

class HttpReader {
 public:
  enum class State { kHead, kHeadDone, kBody, kDone, kFault };

  explicit HttpReader(HttpReaderLimits limits);
  ~HttpReader();

  // Goes on with `bytes` and returns how many were used. Stops where the state changes.
  std::size_t Feed(std::string_view bytes);

  // After kHeadDone. A declared length above the limit is a fault.
  void ReadBody();

  State state() const { return state_; }
  const HttpFault& fault() const { return *fault_; }

  // From kHeadDone on; the body is whole at kDone.
  const HttpRequest& request() const { return request_; }
  HttpRequest& request() { return request_; }
  HttpRequest TakeRequest() { return std::move(request_); }

  // A byte of the request has come; a stray line break before it is not one.
  bool Started() const { return state_ != State::kHead || pending_.size() > head_start_; }
  // Of the head, from kHeadDone on; the end of the body at kFault, too.
  bool KeepAlive() const { return keep_alive_; }
  bool IsHttp10() const { return http_1_0_; }
  bool ExpectsContinue() const { return expects_continue_; }
  // The body ends nowhere that was declared: it comes in chunks, or a head that was
  // refused does not tell.
  bool EndIsUnknown() const { return end_is_unknown_; }
  // Nothing: no body, or its end is unknown.
  std::optional<std::uint64_t> declared_body_bytes() const {
    return declared_body_bytes_;
  }
  std::size_t held_bytes() const { return request_.body.size() + pending_.size(); }

 private:
  class Parser;

  std::size_t FeedHead(std::string_view bytes);
  std::size_t FeedBody(std::string_view bytes);
  std::size_t PutBody(std::string_view bytes);
  void ParseHead(std::string_view head);
  // False when there was a fault.
  bool CheckFraming();
  void Fail(int status, std::string detail);

  const HttpReaderLimits limits_;
  std::unique_ptr<Parser> parser_;
  State state_ = State::kHead;
  std::optional<HttpFault> fault_;
  HttpRequest request_;

  // The head so far; later a chunk's header, or last chunk and trailer, not yet whole.
  std::string pending_;
  std::size_t head_start_ = 0;  // behind the blank lines before it

  bool keep_alive_ = false;
  bool http_1_0_ = false;
  bool expects_continue_ = false;
  bool chunked_ = false;
  bool end_is_unknown_ = false;
  std::optional<std::uint64_t> declared_body_bytes_;
};

}  // namespace tlsrpt::net
