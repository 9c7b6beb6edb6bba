#include "ingest/dkim/canonical.h"

#include <algorithm>
#include <cstddef>

#include "base/text.h"

namespace tlsrpt::ingest {
namespace {

constexpr std::string_view kCrlf = "\r\n";

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

// RFC 6376, 3.4.1: as it is.
void AppendSimple(std::string_view raw, std::string* out) {
  while (true) {
    const std::size_t end = raw.find('\n');
    if (end == std::string_view::npos) {
      *out += raw;
      return;
    }
    const bool crlf = end > 0 && raw[end - 1] == '\r';
    *out += raw.substr(0, crlf ? end - 1 : end);
    if (end + 1 == raw.size()) return;
    *out += kCrlf;
    raw.remove_prefix(end + 1);
  }
}

// RFC 6376, 3.4.2: one line, a blank for blanks, none at its ends.
void AppendRelaxedValue(std::string_view value, std::string* out) {
  bool blank = false;
  bool empty = true;
  for (std::size_t i = 0; i < value.size();) {
    const char c = value[i];
    if (IsBlank(c) || c == '\n' || value.substr(i, 2) == kCrlf) {
      blank |= IsBlank(c);
      ++i;
      continue;
    }
    const std::size_t from = i++;
    while (i < value.size() && !IsBlank(value[i]) && value[i] != '\r' &&
           value[i] != '\n') {
      ++i;
    }
    if (blank && !empty) *out += ' ';
    blank = false;
    empty = false;
    *out += value.substr(from, i - from);
  }
}

// The lines of a body, put together again so that as much as possible is hashed in one
// piece: what needs no change lies between `from_` and `to_`, not hashed yet.
class BodyHash {
 public:
  BodyHash(std::string_view body, Canonicalization kind)
      : body_(body), relaxed_(kind == Canonicalization::kRelaxed) {}

  Sha256Bytes Run() {
    for (std::size_t at = 0; at < body_.size();) at = Line(at);
    Flush(body_.size());
    // RFC 6376, 3.4.3: a body of nothing is one line break; relaxed, it is nothing.
    if (!any_ && !relaxed_) hash_.Add(kCrlf);
    return hash_.Finish();
  }

 private:
  // Takes the line at `at`; gives where the next one starts.
  std::size_t Line(std::size_t at) {
    std::size_t end = body_.find('\n', at);
    const bool ended = end != std::string_view::npos;
    const std::size_t next = ended ? end + 1 : body_.size();
    if (!ended) end = body_.size();
    const bool crlf = ended && end > at && body_[end - 1] == '\r';
    const std::string_view line = body_.substr(at, (crlf ? end - 1 : end) - at);

    bool changed = !crlf;
    std::string_view canonical = line;
    if (relaxed_ && (line.find(' ') != std::string_view::npos ||
                     line.find('\t') != std::string_view::npos)) {
      canonical = Relax(line);
      changed |= canonical != line;
    }
    if (canonical.empty()) {
      ++empty_lines_;
      joined_ &= !changed;
      return next;
    }
    any_ = true;
    if (changed || !joined_) {
      Flush(at);
      AddEmptyLines();
    }
    if (changed) {
      hash_.Add(canonical);
      hash_.Add(kCrlf);
      from_ = next;
    }
    to_ = next;
    joined_ = true;
    empty_lines_ = 0;
    return next;
  }

  // Hashes what is left unhashed; what follows will start at `from`.
  void Flush(std::size_t from) {
    hash_.Add(body_.substr(from_, to_ - from_));
    from_ = to_ = from;
  }

  void AddEmptyLines() {
    constexpr std::string_view kMany = "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n";
    constexpr std::size_t kLines = kMany.size() / kCrlf.size();
    for (; empty_lines_ >= kLines; empty_lines_ -= kLines) hash_.Add(kMany);
    hash_.Add(kMany.substr(0, empty_lines_ * kCrlf.size()));
  }

  // RFC 6376, 3.4.4: one blank for blanks, none at the end.
  std::string_view Relax(std::string_view line) {
    scratch_.clear();
    bool blank = false;
    for (const char c : line) {
      if (IsBlank(c)) {
        blank = true;
        continue;
      }
      if (blank) scratch_ += ' ';
      blank = false;
      scratch_ += c;
    }
    return scratch_;
  }

  std::string_view body_;
  bool relaxed_;
  Sha256 hash_;
  std::string scratch_;
  std::size_t from_ = 0;
  std::size_t to_ = 0;
  // Empty lines since the last that was not: those at the end of the body are left out.
  std::size_t empty_lines_ = 0;
  bool joined_ = true;  // those need no change either
  bool any_ = false;    // a line that is not empty was seen
};

}  // namespace

void AppendCanonicalField(std::string_view raw, Canonicalization kind, std::string* out) {
  if (kind == Canonicalization::kSimple) {
    AppendSimple(raw, out);
    return;
  }
  const std::size_t colon = std::min(raw.find(':'), raw.size());
  for (const char c : Trim(raw.substr(0, colon))) *out += ToLowerAscii(c);
  *out += ':';
  AppendRelaxedValue(raw.substr(std::min(colon + 1, raw.size())), out);
}

Sha256Bytes CanonicalBodyHash(std::string_view body, Canonicalization kind) {
  return BodyHash(body, kind).Run();
}

}  // namespace tlsrpt::ingest
