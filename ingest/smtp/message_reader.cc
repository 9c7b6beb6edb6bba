#include "ingest/smtp/message_reader.h"

#include <algorithm>

namespace tlsrpt::ingest {
namespace {

// How many bytes at the start of `bytes` are whole lines, with CR and LF at their ends
// only, up to a line that begins with a dot: what is kept as it is. Two passes of memchr
// are much faster than one loop over bytes.
std::size_t WholeLinesBytes(std::string_view bytes) {
  std::size_t end = 0;
  while (end < bytes.size()) {
    const std::size_t cr = bytes.find('\r', end);
    if (cr == bytes.npos || cr + 1 == bytes.size() || bytes[cr + 1] != '\n') break;
    if (bytes.substr(end, cr - end).find('\n') != bytes.npos) break;
    end = cr + 2;
    if (end < bytes.size() && bytes[end] == '.') break;
  }
  return end;
}

}  // namespace

std::size_t MessageReader::TakeData(std::string_view bytes) {
  // It is kept in several pieces where dots are removed.
  if (fault_ == MessageFault::kNone) {
    body_.reserve(body_.size() +
                  std::min<std::size_t>(bytes.size(), max_bytes_ - body_.size()));
  }
  std::size_t i = 0;
  while (i < bytes.size() && !ended_) {
    const char c = bytes[i];
    switch (at_) {
      case At::kLineStart:
        at_ = c == '.' ? At::kDot : At::kText;
        i += c == '.';
        break;
      case At::kDot:  // whatever follows, this dot is not part of the message
        at_ = c == '\r' ? At::kDotCr : At::kText;
        i += c == '\r';
        break;
      case At::kDotCr:
        ended_ = c == '\n';
        i += c == '\n';
        if (!ended_) at_ = At::kTextCr;
        break;
      case At::kText:
        i += TakeText(bytes.substr(i));
        break;
      case At::kTextCr:
        i += TakeAfterCr(bytes.substr(i));
        break;
    }
  }
  return i;
}

void MessageReader::TakeChunk(std::string_view bytes) {
  std::size_t i = 0;
  while (i < bytes.size()) {
    i += at_ == At::kTextCr ? TakeAfterCr(bytes.substr(i)) : TakeText(bytes.substr(i));
  }
}

void MessageReader::EndChunks() {
  if (at_ == At::kTextCr) Fail(MessageFault::kBareLineEnding);
}

// Whole lines in one piece, or up to and with the next CR, which is kept once its LF is
// there. Of two faults the one that comes first is told of, however the bytes are cut.
std::size_t MessageReader::TakeText(std::string_view bytes) {
  if (const std::size_t lines = WholeLinesBytes(bytes); lines > 0) {
    Keep(bytes.substr(0, lines));
    at_ = At::kLineStart;
    return lines;
  }
  const std::size_t cr = bytes.find('\r');
  const std::string_view text = bytes.substr(0, cr);
  const std::size_t lf = text.find('\n');
  Keep(text.substr(0, lf));
  if (lf != text.npos) Fail(MessageFault::kBareLineEnding);
  if (cr == bytes.npos) {
    at_ = At::kText;
    return bytes.size();
  }
  at_ = At::kTextCr;
  return cr + 1;
}

std::size_t MessageReader::TakeAfterCr(std::string_view bytes) {
  if (bytes.front() == '\n') {
    Keep("\r\n");
    at_ = At::kLineStart;
    return 1;
  }
  Fail(MessageFault::kBareLineEnding);
  // Of "CR CR LF" the second one may be good: it is looked at again, as text.
  at_ = At::kText;
  return 0;
}

void MessageReader::Fail(MessageFault fault) {
  if (fault_ != MessageFault::kNone) return;
  fault_ = fault;
  std::string().swap(body_);  // frees it
}

void MessageReader::Keep(std::string_view bytes) {
  if (fault_ != MessageFault::kNone) return;
  if (bytes.size() > max_bytes_ - body_.size()) return Fail(MessageFault::kTooLarge);
  body_ += bytes;
}

}  // namespace tlsrpt::ingest
