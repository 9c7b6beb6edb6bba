// A waiver as somebody asks for it, on the command line or through the API.
//
// Errors   kMalformed, naming the word and the bound it breaks (store/model/waiver.h).
// Threads  pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "api/readiness/verdict.h"
#include "base/clock.h"
#include "base/result.h"
#include "store/model/waiver.h"

namespace tlsrpt::api {

// A sentence in a list, not a letter.
inline constexpr std::size_t kMaxWhyBytes = 500;

struct WaiverWords {
  std::string reporter;  // "" where an operator vouched for somebody nameless
  std::string result_type;
  std::string mx;      // exactly as reported; "" where the reporter said nothing
  std::string reason;  // the same
  std::string why;
  std::optional<std::string> until;  // "2026-12-31"
  std::optional<std::int64_t> max_sessions;
};

// Made by `who` at `now`; without an id.
Result<store::Waiver> WaiverOf(const WaiverWords& words, const std::string& who,
                               TimePoint now);

// Whether all that was received stands in `verdict`. A waiver accepts what had been
// received when it was made: what waits in a spool or in quarantine then would be
// accepted unseen.
//
// Errors   kUnavailable, with what may be missing and what to do.
Result<void> AllIsSeen(const Verdict& verdict);

// Whether the waiver without an id in `verdict` (AskWithWaiver) accepts what no other one
// does. True as well of one that accepts what is still to come, and of a group that
// nobody reports.
//
// Errors   kMalformed, naming the waiver that accepts all of its group.
Result<void> SomethingIsLeft(const Verdict& verdict);

}  // namespace tlsrpt::api
