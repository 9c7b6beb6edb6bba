#include "ingest/import/mbox_splitter.h"

#include <utility>

namespace tlsrpt::ingest {
namespace {

// Longer than any from-line, and than any line of a mail (RFC 5322, 2.1.1: 998), so what
// is longer is no from-line and was not quoted by anybody.
constexpr std::size_t kMaxLineBytes = 4096;
constexpr std::string_view kFrom = "From ";

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsEmptyLine(std::string_view line) { return line == "\n" || line == "\r\n"; }

bool IsQuotedFromLine(std::string_view line) {
  const std::size_t quotes = line.find_first_not_of('>');
  return quotes != 0 && quotes != std::string_view::npos &&
         line.substr(quotes).starts_with(kFrom);
}

}  // namespace

bool IsFromLine(std::string_view line) {
  if (!line.starts_with(kFrom)) return false;
  bool time = false;
  bool year = false;
  for (std::size_t i = kFrom.size(); i < line.size(); ++i) {
    const auto digits = [&](std::size_t n) {
      for (std::size_t k = 0; k < n; ++k) {
        if (i + k >= line.size() || !IsDigit(line[i + k])) return false;
      }
      return true;
    };
    if (line[i - 1] != ' ') continue;
    // asctime: "12:00:00" or "12:00", and a year.
    time |= (digits(2) && line.substr(i + 2).starts_with(':')) ||
            (digits(1) && line.substr(i + 1).starts_with(':'));
    year |= digits(4) && (i + 4 == line.size() || !IsDigit(line[i + 4]));
  }
  return time && year;
}

MboxSplitter::MboxSplitter(std::size_t max_mail_bytes, OnMail on_mail,
                           OnTooLarge on_too_large)
    : max_mail_bytes_(max_mail_bytes),
      on_mail_(std::move(on_mail)),
      on_too_large_(std::move(on_too_large)) {}

void MboxSplitter::Feed(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t newline = bytes.find('\n');
    const bool ends = newline != std::string_view::npos;
    const std::string_view piece = bytes.substr(0, ends ? newline + 1 : bytes.size());
    bytes.remove_prefix(piece.size());
    if (in_long_line_) {
      Append(piece);
      in_long_line_ = !ends;
    } else if (ends && line_.empty()) {
      Line(piece);
    } else {
      line_ += piece;
      if (ends) {
        Line(line_);
        line_.clear();
      } else if (line_.size() >= kMaxLineBytes) {
        Line(line_);
        line_.clear();
        in_long_line_ = true;
      }
    }
  }
}

void MboxSplitter::Finish() {
  if (!line_.empty()) Line(line_);
  line_.clear();
  EndMail();
  in_mail_ = false;
}

// A whole line, or the first part of one that is too long to mean anything.
void MboxSplitter::Line(std::string_view line) {
  const bool may_mean = line.size() < kMaxLineBytes;
  const bool separates =
      may_mean && after_empty_ && (in_mail_ ? IsFromLine(line) : line.starts_with(kFrom));
  if (separates) {
    EndMail();
    in_mail_ = true;
    mail_at_ = offset_;
    offset_ += line.size();
    after_empty_ = false;
    empty_bytes_ = 0;
    return;
  }
  const std::size_t quote = may_mean && IsQuotedFromLine(line) ? 1 : 0;
  offset_ += quote;
  Append(line.substr(quote));
  after_empty_ = IsEmptyLine(line);
  empty_bytes_ = after_empty_ ? line.size() : 0;
}

void MboxSplitter::Append(std::string_view bytes) {
  offset_ += bytes.size();
  after_empty_ = false;
  empty_bytes_ = 0;
  if (!in_mail_ || too_large_) return;
  if (bytes.size() > max_mail_bytes_ - mail_.size()) {
    too_large_ = true;
    mail_ = {};
    return;
  }
  mail_ += bytes;
}

void MboxSplitter::EndMail() {
  if (!in_mail_) return;
  if (too_large_) {
    on_too_large_(mail_at_);
  } else {
    mail_.resize(mail_.size() - empty_bytes_);
    on_mail_(mail_at_, std::move(mail_));
  }
  mail_ = {};
  too_large_ = false;
}

}  // namespace tlsrpt::ingest
