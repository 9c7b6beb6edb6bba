#include "base/net/http_reader.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <limits>
#include <utility>

#include "base/hex_digit.h"
#include "base/text.h"

namespace tlsrpt::net {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using beast::error_code;

// A declared length is a stranger's word: reserve at most this much for it.
constexpr std::uint64_t kMaxReserveBytes = 64u << 10;

// "0", CRLF, CRLF. Beast asserts that it is never asked to go on with less of it, and a
// client may send it byte by byte. No request ends before, so nothing waits for it.
constexpr std::size_t kLeastLastChunkBytes = 5;

std::string_view View(beast::string_view text) { return {text.data(), text.size()}; }

bool IsPrintable(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c > 0x20 && c < 0x7f; });
}

std::size_t CountHeader(const HttpRequest& request, std::string_view name) {
  return static_cast<std::size_t>(std::count_if(
      request.headers.begin(), request.headers.end(),
      [&](const auto& header) { return EqualsIgnoreCase(header.first, name); }));
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// unreserved and sub-delims of RFC 3986, 2.
bool IsNameByte(char c) {
  constexpr std::string_view kMarks = "-._~!$&'()*+,;=";
  return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         kMarks.find(c) != kMarks.npos;
}

// reg-name (RFC 3986, 3.2.2); it may be empty.
bool IsRegName(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (IsNameByte(text[at])) continue;
    const bool coded = text[at] == '%' && at + 2 < text.size() &&
                       HexDigit(text[at + 1]) && HexDigit(text[at + 2]);
    if (!coded) return false;
    at += 2;
  }
  return true;
}

// uri-host [ ":" port ] (RFC 9110, 7.2). Of an address in brackets the characters only.
bool IsHost(std::string_view text) {
  std::size_t end = std::min(text.find(':'), text.size());
  if (text.starts_with('[')) {
    end = text.find(']');
    if (end == text.npos || end == 1) return false;
    const std::string_view address = text.substr(1, end - 1);
    const bool clean = std::all_of(address.begin(), address.end(),
                                   [](char c) { return c == ':' || IsNameByte(c); });
    if (!clean) return false;
    ++end;
  } else if (!IsRegName(text.substr(0, end))) {
    return false;
  }
  const std::string_view port = text.substr(end);
  return port.empty() ||
         (port[0] == ':' && std::all_of(port.begin() + 1, port.end(), IsDigit));
}

// RFC 9110, 2.5: what is of a later minor version is read as of the last one known here.
// Beast refuses it. Where in `head` that version stands; 0 for a version that is known.
std::size_t LaterMinorVersionAt(std::string_view head) {
  constexpr std::string_view kMajor = " HTTP/1.";
  const std::size_t end = head.find("\r\n");
  if (end == head.npos || end <= kMajor.size()) return 0;
  const std::size_t minor = end - 1;
  const bool later = head.substr(0, minor).ends_with(kMajor) && head[minor] > '1' &&
                     IsDigit(head[minor]);
  return later ? minor : 0;
}

HttpFault FaultOf(const error_code& error) {
  if (error == http::error::body_limit) return {413, "the body is too large"};
  if (error == http::error::header_limit) return {431, "the header is too large"};
  if (error == http::error::bad_version) {
    return {505, "the version is not HTTP/1"};
  }
  return {400, "not an HTTP request: " + error.message()};
}

}  // namespace

// What Beast finds, put into the request.
class HttpReader::Parser final : public http::basic_parser<true> {
 public:
  Parser(HttpRequest& request, const HttpReaderLimits& limits)
      : request_(request), max_body_bytes_(limits.max_body_bytes) {
    header_limit(static_cast<std::uint32_t>(std::min<std::size_t>(
        limits.max_header_bytes, std::numeric_limits<std::uint32_t>::max())));
    body_limit(boost::none);  // looked at below, and by ReadBody()
  }

  bool http_1_0() const { return http_1_0_; }
  // Of the present chunk's body; 0: a chunk's header, or the trailer, is next.
  std::uint64_t chunk_left() const { return chunk_left_; }

 private:
  void on_request_impl(http::verb, beast::string_view method, beast::string_view target,
                       int version, error_code& error) override {
    if (!IsPrintable(View(target))) {
      error = http::error::bad_target;
      return;
    }
    request_.method = View(method);
    request_.target = View(target);
    http_1_0_ = version == 10;
  }

  void on_response_impl(int, beast::string_view, int, error_code&) override {}

  void on_field_impl(http::field, beast::string_view name, beast::string_view value,
                     error_code&) override {
    // The fields of a trailer prove nothing and are dropped (RFC 9110, 6.5.1).
    if (!header_done_) request_.headers.emplace_back(View(name), View(value));
  }

  void on_header_impl(error_code&) override { header_done_ = true; }

  void on_body_init_impl(const boost::optional<std::uint64_t>& length,
                         error_code&) override {
    request_.body.reserve(
        static_cast<std::size_t>(std::min(length.value_or(0), kMaxReserveBytes)));
  }

  std::size_t on_body_impl(beast::string_view body, error_code&) override {
    request_.body += View(body);
    return body.size();
  }

  void on_chunk_header_impl(std::uint64_t size, beast::string_view extensions,
                            error_code& error) override {
    const bool clean = std::all_of(extensions.begin(), extensions.end(), [](char c) {
      return static_cast<unsigned char>(c) >= 0x20;
    });
    if (!clean) {
      error = http::error::bad_chunk_extension;
    } else if (size > max_body_bytes_ - request_.body.size()) {
      error = http::error::body_limit;
    }
    chunk_left_ = size;
  }

  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view body,
                                 error_code&) override {
    request_.body += View(body);
    chunk_left_ -= body.size();
    return body.size();
  }

  void on_finish_impl(error_code&) override {}

  HttpRequest& request_;
  const std::uint64_t max_body_bytes_;
  bool http_1_0_ = false;
  bool header_done_ = false;
  std::uint64_t chunk_left_ = 0;
};

HttpReader::HttpReader(HttpReaderLimits limits)
    : limits_(limits), parser_(std::make_unique<Parser>(request_, limits_)) {}

HttpReader::~HttpReader() = default;

std::size_t HttpReader::Feed(std::string_view bytes) {
  if (bytes.empty()) return 0;
  if (state_ == State::kHead) return FeedHead(bytes);
  if (state_ == State::kBody) return FeedBody(bytes);
  return 0;
}

// The head is gathered whole, so that it can be looked at before Beast mends it.
std::size_t HttpReader::FeedHead(std::string_view bytes) {
  const std::size_t before = pending_.size();
  pending_ += bytes.substr(0, limits_.max_header_bytes - before);
  // RFC 9112, 2.2: some clients send a line break behind their last body.
  while (pending_.compare(head_start_, 2, "\r\n") == 0) head_start_ += 2;
  const std::size_t unseen = before > 3 ? before - 3 : 0;
  const std::size_t end = pending_.find("\r\n\r\n", std::max(head_start_, unseen));
  if (end != pending_.npos) {
    pending_.resize(end + 4);
    const std::size_t taken = pending_.size() - before;
    ParseHead(std::string_view(pending_).substr(head_start_));
    pending_.clear();
    return taken;
  }
  const std::size_t taken = pending_.size() - before;
  if (pending_.size() == limits_.max_header_bytes) {
    end_is_unknown_ = true;
    Fail(431, "the header is too large");
  }
  return taken;
}

void HttpReader::ParseHead(std::string_view head) {
  end_is_unknown_ = true;
  if (head.find("\r\n ") != head.npos || head.find("\r\n\t") != head.npos) {
    return Fail(400, "a header line is folded");
  }
  std::string known;
  if (const std::size_t minor = LaterMinorVersionAt(head); minor != 0) {
    known = head;
    known[minor] = '1';
    head = known;
  }
  error_code error;
  parser_->put(boost::asio::buffer(head), error);
  if (error) {
    fault_ = FaultOf(error);
    state_ = State::kFault;
    return;
  }
  http_1_0_ = parser_->http_1_0();
  // Before anything is refused: who does it reads on to the end of the body.
  chunked_ = parser_->chunked();
  end_is_unknown_ = request_.HasHeader("Transfer-Encoding");
  if (const auto length = parser_->content_length()) declared_body_bytes_ = *length;
  if (!CheckFraming()) return;
  keep_alive_ = parser_->keep_alive();
  state_ = State::kHeadDone;
}

bool HttpReader::CheckFraming() {
  const std::string_view length = request_.Header("Content-Length");
  if (CountHeader(request_, "Content-Length") > 1 || length.find(',') != length.npos) {
    Fail(400, "Content-Length is there more than once");
  } else if (request_.HasHeader("Transfer-Encoding")) {
    if (http_1_0_ || request_.HasHeader("Content-Length") ||
        CountHeader(request_, "Transfer-Encoding") > 1) {
      Fail(400, "Transfer-Encoding with HTTP/1.0, Content-Length or itself");
    } else if (!EqualsIgnoreCase(request_.Header("Transfer-Encoding"), "chunked")) {
      Fail(501, "the only Transfer-Encoding here is chunked");
    }
  }
  const std::size_t hosts = CountHeader(request_, "Host");
  if (!fault_ && (hosts > 1 || (hosts == 0 && !http_1_0_))) {
    Fail(400, "there must be one Host header");
  }
  if (!fault_ && hosts == 1 && !IsHost(request_.Header("Host"))) {
    Fail(400, "the Host is not a name or address and perhaps a port");
  }
  if (!fault_ && request_.HasHeader("Expect") && !http_1_0_) {
    expects_continue_ = EqualsIgnoreCase(request_.Header("Expect"), "100-continue");
    if (!expects_continue_) Fail(417, "the only expectation met here is 100-continue");
  }
  return !fault_;
}

void HttpReader::ReadBody() {
  if (declared_body_bytes_.value_or(0) > limits_.max_body_bytes) {
    return Fail(413, "the body is larger than " + std::to_string(limits_.max_body_bytes) +
                         " bytes");
  }
  state_ = parser_->is_done() ? State::kDone : State::kBody;
  parser_->eager(true);
}

// How TCP cuts decides nothing: Beast sees a chunk's header and the trailer in whole
// lines, from the first one that it cannot finish, and a body as it comes.
std::size_t HttpReader::FeedBody(std::string_view bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size() && state_ == State::kBody) {
    const std::string_view rest = bytes.substr(taken);
    const std::uint64_t body = chunked_ ? parser_->chunk_left() : rest.size();
    if (body > 0) {
      taken += PutBody(rest.substr(
          0, static_cast<std::size_t>(std::min<std::uint64_t>(body, rest.size()))));
      continue;
    }
    std::size_t count = std::min(rest.find('\n'), rest.size() - 1) + 1;
    if (pending_.size() < kLeastLastChunkBytes) {
      count = std::min(count, kLeastLastChunkBytes - pending_.size());
    }
    pending_ += rest.substr(0, count);
    taken += count;
    if (pending_.size() > limits_.max_header_bytes) {
      Fail(431, "the header of a chunk, or the trailer, is too large");
    } else if (pending_.size() == kLeastLastChunkBytes ||
               (pending_.size() > kLeastLastChunkBytes && pending_.back() == '\n')) {
      pending_.erase(0, PutBody(pending_));
    }
  }
  return taken;
}

// Returns how many bytes were used.
std::size_t HttpReader::PutBody(std::string_view bytes) {
  error_code error;
  const std::size_t used = parser_->put(boost::asio::buffer(bytes), error);
  if (error && error != http::error::need_more) {
    fault_ = FaultOf(error);
    state_ = State::kFault;
  } else if (parser_->is_done()) {
    state_ = State::kDone;
  }
  return used;
}

void HttpReader::Fail(int status, std::string detail) {
  fault_ = HttpFault{status, std::move(detail)};
  state_ = State::kFault;
}

}  // namespace tlsrpt::net
