// Single values of a report: texts, counts, addresses, host names. Each reads what it
// can, notes what it cannot, and never fails.
//
// Threads  pure but for the notes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ingest/report/json_tree.h"
#include "ingest/report/notes.h"

namespace tlsrpt::ingest {

enum class Presence { kRequired, kOptional };

// A free text on one line: line breaks become blanks, invalid UTF-8 and NUL U+FFFD,
// what is past kMaxTextBytes is cut. Numbers are taken as they are written. An optional
// member that is null or "" says as much as one that is absent (Stalwart, mox).
std::string ReadText(const JsonValue& value, Presence presence, const Path& path,
                     Notes& notes);

// The same for a text at hand.
std::string CleanText(std::string_view text, const Path& path, Notes& notes);

struct Count {
  enum class State { kAbsent, kUnreadable, kRead };
  State state = State::kAbsent;
  std::int64_t sessions = 0;  // 0 to kMaxSessions
};

// So that nothing looks better than it was sent: fractions of failures are rounded up,
// those of successes down; more than kMaxSessions failures are as many as that, and more
// successes than that are none, for nobody can have counted them.
enum class Rounding { kUp, kDown };

// A number of sessions. "5" is 5; null, below zero, other text
// and other types are unreadable.
Count ReadCount(const JsonValue& value, Rounding rounding, const Path& path,
                Notes& notes);

// Canonical text of an IP address (RFC 5952 by inet_ntop), or empty. "[2001:db8::1]"
// and "[IPv6:2001:db8::1]" are accepted.
std::string ReadAddress(const JsonValue& value, const Path& path, Notes& notes);

// A host name normalised; as sent where it is none.
std::string ReadHost(const JsonValue& value, const Path& path, Notes& notes);

}  // namespace tlsrpt::ingest
