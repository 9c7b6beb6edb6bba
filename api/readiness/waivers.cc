#include "api/readiness/waivers.h"

#include <algorithm>
#include <chrono>
#include <tuple>
#include <utility>

#include "api/readiness/format.h"
#include "api/readiness/window.h"

namespace tlsrpt::api {
namespace {

using store::EvidenceRow;
using store::Waiver;

bool IsInGroup(const Waiver& waiver, const EvidenceRow& row, const Failure& failure) {
  // Under DANE alone or without a policy to get, nothing is refused: nothing to accept.
  const bool stands =
      failure.meaning == Meaning::kRefused || failure.meaning == Meaning::kMxSuspect;
  return stands && row.reporter == waiver.reporter &&
         failure.type_name == waiver.result_type && failure.mx == waiver.mx &&
         failure.reason == waiver.reason;
}

// Whether it was there to be seen when `waiver` was made. What was in quarantine then, or
// held for a domain that was not ours, had been received, and nobody had seen it.
bool WasThere(const Waiver& waiver, const EvidenceRow& row) {
  return row.received_at <= waiver.made_at &&
         (!row.written_at || *row.written_at <= waiver.made_at);
}

std::string GroupText(const Waiver& waiver) {
  return waiver.result_type + (waiver.mx.empty() ? "" : " at " + waiver.mx) + " from " +
         ReporterText(waiver.reporter) +
         (waiver.reason.empty() ? "" : " (" + waiver.reason + ")");
}

std::string SentenceOf(const WaiverUse& use) {
  const Waiver& waiver = use.waiver;
  const std::string group = GroupText(waiver);
  const std::string by = " (" + waiver.who + ": " + waiver.why + ")";
  switch (use.state) {
    case WaiverState::kInvalid:
      return "Not applied, since it breaks the bounds of a waiver: " + group + by + ".";
    case WaiverState::kWithdrawn:
      return "Withdrawn at " + TimeText(*waiver.withdrawn_at) + ": " + group + by + ".";
    case WaiverState::kOverrun:
      return "Overrun: " + Counted(use.later_sessions, "session") + " of " + group +
             " came since, " + CountText(*waiver.max_sessions) +
             " were accepted, so none of them is" + by + ".";
    case WaiverState::kExpired:
      return "Expired after " + DayText(*waiver.until) + ": " + group +
             " of later days is no longer accepted; " +
             Counted(use.accepted_sessions, "session") + " up to then still " +
             (use.accepted_sessions == 1 ? "is" : "are") + by + ".";
    case WaiverState::kInForce:
      break;
  }
  std::string text =
      "Accepted: " + Counted(use.accepted_sessions, "session") + " of " + group;
  if (waiver.until) {
    text += ", until " + DayText(*waiver.until) + " at most " +
            CountText(*waiver.max_sessions) + " more (" + CountText(use.later_sessions) +
            " so far)";
  } else {
    text += ", as reported until " + TimeText(waiver.made_at);
  }
  return text + by + ".";
}

}  // namespace

std::vector<WaiverUse> ApplyWaivers(
    const std::vector<Waiver>& waivers, TimePoint now,
    const std::vector<const EvidenceRow*>& vouched,
    std::unordered_map<const EvidenceRow*, std::vector<Failure>>& failures) {
  std::vector<WaiverUse> uses;
  for (const Waiver& waiver : waivers) {
    WaiverUse use;
    use.waiver = waiver;
    if (!store::CheckWaiver(waiver)) {
      use.state = WaiverState::kInvalid;
    } else if (waiver.withdrawn_at) {
      use.state = WaiverState::kWithdrawn;
    } else if (waiver.until && *waiver.until < DayOf(now)) {
      use.state = WaiverState::kExpired;
    }
    uses.push_back(std::move(use));
  }
  std::sort(uses.begin(), uses.end(), [](const WaiverUse& a, const WaiverUse& b) {
    return std::tie(a.waiver.made_at, a.waiver.id) <
           std::tie(b.waiver.made_at, b.waiver.id);
  });

  for (WaiverUse& use : uses) {
    const Waiver& waiver = use.waiver;
    if (use.state != WaiverState::kInForce && use.state != WaiverState::kExpired) {
      use.sentence = SentenceOf(use);
      continue;
    }
    std::vector<Failure*> past;
    std::vector<Failure*> later;
    for (const EvidenceRow* row : vouched) {
      const auto at = failures.find(row);
      if (at == failures.end()) continue;
      for (Failure& failure : at->second) {
        if (failure.standing == Standing::kWaived || !IsInGroup(waiver, *row, failure)) {
          continue;
        }
        if (WasThere(waiver, *row)) {
          past.push_back(&failure);
        } else if (waiver.until && std::max(row->last_day, row->day) <= *waiver.until) {
          later.push_back(&failure);
          use.later_sessions += failure.sessions;
        }
      }
    }
    if (waiver.max_sessions && use.later_sessions > *waiver.max_sessions) {
      use.state = WaiverState::kOverrun;
      later.clear();
    }
    for (const auto* accepted : {&past, &later}) {
      for (Failure* failure : *accepted) {
        failure->standing = Standing::kWaived;
        use.accepted_sessions += failure->sessions;
      }
    }
    use.sentence = SentenceOf(use);
  }
  return uses;
}

MuteUse UseOf(const store::Mute& mute, TimePoint now) {
  MuteUse use;
  use.mute = mute;
  const std::string who = ReporterText(mute.reporter);
  const std::string by = " (" + mute.who + ": " + mute.why + ").";
  if (!store::CheckMute(mute)) {
    use.sentence = "Not applied, since it breaks the bounds of a mute: " + who + by;
  } else if (mute.withdrawn_at) {
    use.sentence = "Withdrawn at " + TimeText(*mute.withdrawn_at) + ": " + who + by;
  } else if (mute.until < DayOf(now)) {
    use.sentence = "Expired after " + DayText(mute.until) + ": " + who + by;
  } else {
    use.in_force = true;
    use.sentence = "Nothing that " + who + " reports counts until " +
                   DayText(mute.until) + ", failures and successes alike" + by;
  }
  return use;
}

void SortByTime(std::vector<MuteUse>& uses) {
  std::sort(uses.begin(), uses.end(), [](const MuteUse& a, const MuteUse& b) {
    return std::tie(a.mute.made_at, a.mute.id) < std::tie(b.mute.made_at, b.mute.id);
  });
}

bool IsMuted(const std::vector<MuteUse>& uses, const std::string& reporter) {
  return std::any_of(uses.begin(), uses.end(), [&](const MuteUse& use) {
    return use.in_force && use.mute.reporter == reporter;
  });
}

}  // namespace tlsrpt::api
