#include "ingest/import/json_splitter.h"

#include <utility>

namespace tlsrpt::ingest {
namespace {

// Blanks of JSON, and the three bytes of a byte order mark.
bool MayStandBetween(char c) {
  return std::string_view(" \t\r\n\xEF\xBB\xBF").find(c) != std::string_view::npos;
}

}  // namespace

JsonSplitter::JsonSplitter(std::size_t max_report_bytes, OnReport on_report,
                           OnTooLarge on_too_large)
    : max_report_bytes_(max_report_bytes),
      on_report_(std::move(on_report)),
      on_too_large_(std::move(on_too_large)) {}

void JsonSplitter::Feed(std::string_view bytes) {
  std::size_t from = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (!Step(bytes[i])) continue;
    Append(bytes.substr(from, i - from));
    from = i;
    EndPiece();
  }
  Append(bytes.substr(from));
}

void JsonSplitter::Finish() {
  EndPiece();
  state_ = State::kBefore;
}

bool JsonSplitter::Step(char c) {
  switch (state_) {
    case State::kBefore:
    case State::kBalanced:
      if (c == '{') {
        const bool another = state_ == State::kBalanced;
        state_ = State::kInside;
        depth_ = 1;
        return another;
      }
      if (!MayStandBetween(c)) state_ = State::kBroken;
      return false;
    case State::kInside:
      if (c == '"') state_ = State::kText;
      if (c == '{') ++depth_;
      if (c == '}' && --depth_ == 0) state_ = State::kBalanced;
      return false;
    case State::kText:
      if (c == '"') state_ = State::kInside;
      if (c == '\\') state_ = State::kEscape;
      return false;
    case State::kEscape:
      state_ = State::kText;
      return false;
    case State::kBroken:
      return false;
  }
  return false;
}

void JsonSplitter::Append(std::string_view bytes) {
  offset_ += bytes.size();
  if (too_large_) return;
  if (bytes.size() > max_report_bytes_ - piece_.size()) {
    too_large_ = true;
    piece_ = {};
    return;
  }
  piece_ += bytes;
}

void JsonSplitter::EndPiece() {
  if (too_large_) {
    on_too_large_(piece_at_);
  } else if (offset_ > piece_at_) {
    on_report_(piece_at_, std::move(piece_));
  }
  piece_ = {};
  piece_at_ = offset_;
  too_large_ = false;
}

}  // namespace tlsrpt::ingest
