#include "api/readiness/text.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "api/readiness/format.h"
#include "base/text.h"

namespace tlsrpt::api {
namespace {

constexpr std::size_t kWidth = 88;           // one line of a terminal
constexpr std::size_t kMaxTextBytes = 4096;  // of one sentence

// Names out of reports may hold anything; a terminal obeys control characters, the C1
// ones (U+0080 to U+009F) included.
std::string Printable(std::string_view text) {
  std::string clean = CleanUtf8(text, kMaxTextBytes);
  std::string printable;
  for (std::size_t i = 0; i < clean.size(); ++i) {
    const auto byte = static_cast<unsigned char>(clean[i]);
    if (byte < 0x20 || byte == 0x7F) {
      printable += '?';
    } else if (byte == 0xC2 && i + 1 < clean.size() &&
               static_cast<unsigned char>(clean[i + 1]) < 0xA0) {
      printable += '?';
      ++i;
    } else {
      printable += clean[i];
    }
  }
  return printable;
}

// Breaks `text` between words; later lines begin with `indent`.
std::string Wrapped(std::string_view first_line, std::string_view text,
                    std::string_view indent) {
  std::string out(first_line);
  std::size_t column = first_line.size();
  bool line_is_empty = true;
  for (const std::string_view word : Split(text, ' ')) {
    if (!line_is_empty && column + 1 + word.size() > kWidth) {
      out += "\n" + std::string(indent);
      column = indent.size();
      line_is_empty = true;
    }
    if (!line_is_empty) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
    line_is_empty = false;
  }
  return out + "\n";
}

std::string_view ColourOf(Status status) {
  switch (status) {
    case Status::kPass:
      return "\x1b[32m";  // green
    case Status::kFail:
      return "\x1b[31m";  // red
    case Status::kUnknown:
    case Status::kWaived:
      return "\x1b[33m";  // yellow
    case Status::kOff:
      break;
  }
  return "\x1b[2m";  // dim
}

std::string StatusWord(Status status, bool colour) {
  std::string word(NameOf(status));
  word.resize(8, ' ');
  return colour ? std::string(ColourOf(status)) + word + "\x1b[0m" : word;
}

bool StandsInTheWay(const Criterion& criterion) {
  return criterion.severity == Severity::kBlocking &&
         (criterion.status == Status::kFail || criterion.status == Status::kUnknown);
}

// `said` is the remedy shown last: many criteria may wait for the same thing.
std::string Show(const Criterion& criterion, bool colour, std::string& said) {
  constexpr std::string_view kIndent = "            ";
  std::string out = "  " + StatusWord(criterion.status, colour) + "  " + criterion.id +
                    (criterion.severity == Severity::kAdvisory ? " (advisory)" : "") +
                    "\n";
  out += Wrapped(kIndent, Printable(criterion.sentence), kIndent);
  if (!criterion.remedy.empty() && criterion.remedy == said) {
    out += std::string(kIndent) + "-> The same.\n";
  } else if (!criterion.remedy.empty()) {
    said = criterion.remedy;
    out += Wrapped(std::string(kIndent) + "-> ", Printable(criterion.remedy),
                   std::string(kIndent) + "   ");
  }
  return out;
}

}  // namespace

std::string ToText(const Verdict& verdict, bool colour) {
  std::string out = Wrapped("", Printable(verdict.sentence), "");
  out += Wrapped("",
                 "Window " + DayText(verdict.window.first_day) + " to " +
                     DayText(verdict.window.last_day) + ", asked for " +
                     TimeText(verdict.as_of) + ", basis " +
                     (verdict.live ? "live" : "reports") + ", rules " + verdict.ruleset +
                     ".",
                 "");

  std::string in_the_way;
  std::string rest;
  std::string said;
  // A failure before what is merely unknown.
  for (const Status wanted : {Status::kFail, Status::kUnknown}) {
    for (const Criterion& criterion : verdict.criteria) {
      if (StandsInTheWay(criterion) && criterion.status == wanted) {
        in_the_way += Show(criterion, colour, said);
      }
    }
  }
  for (const Criterion& criterion : verdict.criteria) {
    if (!StandsInTheWay(criterion)) rest += Show(criterion, colour, said);
  }
  if (!in_the_way.empty()) out += "\nWhat stands in the way\n" + in_the_way;
  if (!rest.empty()) out += "\nThe rest\n" + rest;

  out += "\nWhat enforce would have done\n";
  out += Wrapped("  ", Printable(verdict.replay.sentence), "  ");
  out += Wrapped("  ", Printable(verdict.replay.bound.sentence), "  ");

  out += "\nWho reported\n";
  for (const ReporterCoverage& of : verdict.coverage.reporters) {
    const std::string line =
        (of.reporter.empty() ? "(unnamed)" : of.reporter) + ": " + of.cadence + ", " +
        Counted(static_cast<std::int64_t>(of.days.size()), "day") + ", last on " +
        DayText(of.last_day) + ", " + Counted(of.sessions, "session") +
        (of.counted ? ", " + CountText(of.evidence_sessions) + " of them count"
                    : ", not a counted reporter");
    out += Wrapped("  ", Printable(line), "    ");
  }
  out += Wrapped("  ", verdict.coverage.sentence, "  ");

  out += "\nEarliest ready\n";
  out += Wrapped("  ", Printable(verdict.earliest_ready.sentence), "  ");
  return out;
}

}  // namespace tlsrpt::api
