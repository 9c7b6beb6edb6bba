#include "api/readiness/text.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "api/readiness/format.h"
#include "api/readiness/settings.h"
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

std::string_view ColourOf(const Verdict& verdict) {
  switch (verdict.kind) {
    case VerdictKind::kReady:
      return "\x1b[1;32m";
    case VerdictKind::kNotReady:
      return "\x1b[1;31m";
    case VerdictKind::kEnforcing:
      return verdict.health == Health::kOk ? "\x1b[1;32m" : "\x1b[1;31m";
    case VerdictKind::kInsufficientEvidence:
    case VerdictKind::kNotApplicable:
      break;
  }
  return "\x1b[1;33m";
}

std::string Heading(std::string_view text, bool colour) {
  return colour ? "\n\x1b[1m" + std::string(text) + "\x1b[0m\n"
                : "\n" + std::string(text) + "\n";
}

// A day of the window each: "#" reported, "." not.
std::string Calendar(const ReporterCoverage& of, const Window& window) {
  std::string line;
  for (auto day = window.first_day; day <= window.last_day; day += std::chrono::days{1}) {
    line += std::find(of.days.begin(), of.days.end(), day) != of.days.end() ? '#' : '.';
  }
  return line;
}

// What is to be published, as it is, one line after the other.
std::string Literal(std::string_view text) {
  std::string out;
  for (std::string_view line : Split(text, '\n')) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) out += "        " + Printable(line) + "\n";
  }
  return out;
}

std::string Show(const std::vector<PlanStep>& steps) {
  std::string out;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const PlanStep& step = steps[i];
    out += Wrapped("  " + std::to_string(i + 1) + ". ", Printable(step.title) + ".",
                   "     ");
    out += Wrapped("     ", Printable(step.instruction), "     ");
    out += Literal(step.text);
    out += Wrapped("     Check: ", Printable(step.check), "     ");
  }
  return out;
}

std::string Show(const Plan& plan, bool colour) {
  std::string out;
  if (plan.kind == PlanKind::kEnforce) {
    out += Heading("How to enforce", colour) + Show(plan.steps);
  }
  return out + Heading("The way back", colour) + Show(plan.rollback.steps) +
         Wrapped("  ", Printable(plan.rollback.sentence), "  ");
}

std::string Show(const Timeline& timeline) {
  std::string out = Wrapped("  ", Printable(timeline.sentence), "  ");
  for (const PolicyVersion& version : timeline.versions) {
    std::string line =
        DayText(version.first_day) + " to " + DayText(version.last_day) + ": mode " +
        std::string(store::NameOf(version.mode)) + ", mx " +
        (version.mx.empty() ? "none" : Join(version.mx, " ")) + ", max_age " +
        (version.max_age ? std::to_string(version.max_age->count()) : "unknown") + ", " +
        Counted(version.sessions, "session") + (version.current ? " (current)" : "");
    out += Wrapped("  ", Printable(line), "    ");
  }
  for (const PolicyChange& change : timeline.changes) {
    out += Wrapped("  ", Printable(change.sentence), "    ");
  }
  return out;
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
  std::string out = Wrapped(verdict.demo ? "DEMO, made up by `tlsrptd demo`: " : "",
                            Printable(verdict.sentence), "");
  if (colour) {
    out.pop_back();
    out = std::string(ColourOf(verdict)) + out + "\x1b[0m\n";
  }
  out +=
      Wrapped("",
              "Window " + DayText(verdict.window.first_day) + " to " +
                  DayText(verdict.window.last_day) + ", asked for " +
                  TimeText(verdict.as_of) + ", basis " +
                  std::string(BasisOf(verdict.live)) + ", rules " + verdict.ruleset + ".",
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
  if (!in_the_way.empty()) out += Heading("What stands in the way", colour) + in_the_way;
  if (!rest.empty()) out += Heading("The rest", colour) + rest;

  out += Heading("What enforce would have done", colour);
  out += Wrapped("  ", Printable(verdict.replay.sentence), "  ");
  out += Wrapped("  ", Printable(verdict.replay.bound.sentence), "  ");

  if (!verdict.waivers.empty() || !verdict.mutes.empty()) {
    out += Heading("Accepted, and not listened to", colour);
    for (const WaiverUse& use : verdict.waivers) {
      out += Wrapped("  ", Printable(use.sentence), "    ");
    }
    for (const MuteUse& use : verdict.mutes) {
      out += Wrapped("  ", Printable(use.sentence), "    ");
    }
  }

  out += Heading("Who reported", colour);
  for (const ReporterCoverage& of : verdict.coverage.reporters) {
    const std::string line =
        Calendar(of, verdict.window) + " " +
        (of.reporter.empty() ? "(unnamed)" : of.reporter) + ": " + of.cadence + ", " +
        Counted(static_cast<std::int64_t>(of.days.size()), "day") + ", last on " +
        DayText(of.last_day) + ", " + Counted(of.sessions, "session") +
        (of.counted ? ", " + CountText(of.evidence_sessions) + " of them count"
                    : ", not a counted reporter");
    out += Wrapped("  ", Printable(line), "    ");
  }
  out += Wrapped("  ", Printable(verdict.coverage.sentence), "  ");

  out += Heading("Which policy they found", colour) + Show(verdict.timeline);

  out += Heading("Earliest ready", colour);
  out += Wrapped("  ", Printable(verdict.earliest_ready.sentence), "  ");
  if (verdict.plan) out += Show(*verdict.plan, colour);
  return out;
}

}  // namespace tlsrpt::api
