// The reports in a file of JSON: usually one, several where somebody wrote
// `cat *.json` or keeps one a line.
//
// A report ends where its braces balance and nothing but blanks, byte order marks and
// another "{" follow; all else belongs to the one before, so that what is broken is seen
// by the parser as it was. Every byte of the file is in one of the pieces.
//
// Units    bytes.
// Errors   a piece beyond the limit is reported and skipped; the next one is taken.
// Threads  one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace tlsrpt::ingest {

class JsonSplitter {
 public:
  // `offset`: of the piece.
  using OnReport = std::function<void(std::uint64_t offset, std::string json)>;
  using OnTooLarge = std::function<void(std::uint64_t offset)>;

  JsonSplitter(std::size_t max_report_bytes, OnReport on_report, OnTooLarge on_too_large);

  void Feed(std::string_view bytes);
  // No more comes: the last report.
  void Finish();

 private:
  enum class State { kBefore, kInside, kText, kEscape, kBalanced, kBroken };

  // Whether a new piece begins with `c`; keeps the state.
  bool Step(char c);
  void Append(std::string_view bytes);
  void EndPiece();

  const std::size_t max_report_bytes_;
  const OnReport on_report_;
  const OnTooLarge on_too_large_;

  State state_ = State::kBefore;
  std::size_t depth_ = 0;
  std::uint64_t offset_ = 0;  // of what comes next
  std::uint64_t piece_at_ = 0;
  bool too_large_ = false;
  std::string piece_;
};

}  // namespace tlsrpt::ingest
