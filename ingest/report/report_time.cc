#include "ingest/report/report_time.h"

#include <string>

namespace tlsrpt::ingest {
namespace {

// Reads an ASCII field at a time, left to right; `at` is where reading stopped.
struct Cursor {
  std::string_view text;
  std::size_t at = 0;

  bool AtEnd() const { return at == text.size(); }

  // Takes one character if it is in `any_of`.
  bool Take(std::string_view any_of) {
    if (AtEnd() || any_of.find(text[at]) == std::string_view::npos) return false;
    ++at;
    return true;
  }

  // Takes exactly `width` digits into `value`.
  bool Digits(std::size_t width, int& value) {
    for (value = 0; width > 0; --width, ++at) {
      if (AtEnd() || text[at] < '0' || text[at] > '9') return false;
      value = value * 10 + (text[at] - '0');
    }
    return true;
  }
};

}  // namespace

// One end of "date-range" (RFC 8460, 4.4), as UTC.
//
// The grammar is date-time of RFC 3339, 5.6. Wider than the RFC in one place:
//   no offset, "2024-05-01T00:00:00"   Microsoft; read as UTC, since a report
//                                      covers a UTC day (RFC 8460, 4.1).
// Fractions of a second are read and dropped: nothing here is finer than a day.
Result<std::chrono::sys_seconds> ParseReportTime(std::string_view text,
                                                 bool* offset_missing) {
  using namespace std::chrono;
  Cursor in{text};
  const auto malformed = [&](const char* what) {
    return Error{ErrorKind::kMalformed,
                 std::string(what) + " at byte " + std::to_string(in.at)};
  };

  // full-date "T" partial-time; lower case and a space are allowed by the note
  // in RFC 3339, 5.6.
  int y, mo, d, h, mi, s;
  if (!(in.Digits(4, y) && in.Take("-") && in.Digits(2, mo) && in.Take("-") &&
        in.Digits(2, d) && in.Take("Tt ") && in.Digits(2, h) && in.Take(":") &&
        in.Digits(2, mi) && in.Take(":") && in.Digits(2, s))) {
    return malformed("expected yyyy-mm-ddThh:mm:ss");
  }
  if (in.Take(".")) {
    int ignored;
    if (!in.Digits(1, ignored)) return malformed("expected a fraction");
    while (in.Digits(1, ignored)) continue;
  }

  // time-offset; absent means UTC, see above.
  minutes offset{0};
  const bool none = in.AtEnd();
  if (!none && !in.Take("Zz")) {
    const bool west = in.Take("-");
    int oh, om;
    if (!(west || in.Take("+")) || !in.Digits(2, oh) || !in.Take(":") ||
        !in.Digits(2, om)) {
      return malformed("expected Z or +hh:mm");
    }
    if (oh > 23 || om > 59) return malformed("offset out of range");
    offset = (west ? -1 : 1) * (hours{oh} + minutes{om});
  }
  if (!in.AtEnd()) return malformed("text after the time");

  // RFC 3339, 5.7 restricts the digits further; :60 is a leap second, and counts
  // as the second after :59.
  const year_month_day date{year{y}, month(unsigned(mo)), day(unsigned(d))};
  if (!date.ok() || h > 23 || mi > 59 || s > 60) return malformed("no such date or time");
  if (offset_missing != nullptr) *offset_missing = none;
  return sys_days{date} + hours{h} + minutes{mi} + seconds{s} - offset;
}

}  // namespace tlsrpt::ingest
