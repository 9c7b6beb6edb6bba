// How a domain stood when it was last evaluated, and how that changed: what a list over
// the whole fleet is made of. The words are those of api/readiness (NameOf).
//
// A status is a copy of an answer, and the world goes on. Hold says when it must not be
// passed on as one.
//
// Threads  values.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/uuid.h"

namespace tlsrpt::store {

// A domain has changed when one of these has.
struct DomainState {
  std::string verdict;
  std::string health;      // empty for all but `enforcing`
  std::string confidence;  // empty for all but `ready`

  bool operator==(const DomainState&) const = default;
};

struct DomainStatus {
  std::string domain;
  DomainState state;
  std::string basis;  // "live" or "reports"
  std::string ruleset;
  std::string sentence;
  // Ids of the blocking criteria that fail, then of those that cannot be answered; and
  // what the first of them says.
  std::vector<std::string> blocking;
  std::string blocking_sentence;
  std::optional<std::chrono::sys_days> earliest_ready;
  TimePoint evaluated_at;
  std::chrono::sys_days evaluated_for;  // the window's last day
  TimePoint next_evaluation;            // although nothing comes in
  TimePoint changed_at;                 // since when `state` is so
  Uuid evidence_digest;
};

struct StateChange {
  std::int64_t change_no = 0;  // of the domain, from 1
  TimePoint changed_at;
  std::optional<DomainState> before;  // nothing: not evaluated before
  DomainState after;
  std::string basis;
  std::string ruleset;
  std::string settings;  // JSON
  Uuid evidence_digest;
  std::chrono::sys_days evaluated_for;
  std::string sentence;
  std::vector<std::string> blocking;
};

// Why a status does not say how the domain stands now.
enum class Hold {
  kNone,
  kNeverEvaluated,
  kEvaluationDue,  // something came in that was not looked at yet
  kOverdue,        // its time has passed, and nobody evaluated it
  kIntakeBehind,   // reports of unknown content wait, or a node is silent
};

// "never_evaluated"; "" for kNone.
constexpr std::string_view NameOf(Hold hold) {
  switch (hold) {
    case Hold::kNone:
      return "";
    case Hold::kNeverEvaluated:
      return "never_evaluated";
    case Hold::kEvaluationDue:
      return "evaluation_due";
    case Hold::kOverdue:
      return "overdue";
    case Hold::kIntakeBehind:
      return "intake_behind";
  }
  return "";
}

}  // namespace tlsrpt::store
