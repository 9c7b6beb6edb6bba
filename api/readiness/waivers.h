// Waivers and mutes at work: which failures are accepted, whose reports are left out, and
// what to say of each.
//
// Threads  pure functions. Lifetime: a use points into the evidence.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "api/readiness/failures.h"
#include "api/readiness/verdict.h"
#include "base/clock.h"
#include "store/model/evidence.h"

namespace tlsrpt::api {

// Marks what `waivers` accept at `now` in `failures` (of the rows `vouched`), and returns
// their use, oldest first. A failure is accepted by one waiver, the oldest that can.
std::vector<WaiverUse> ApplyWaivers(
    const std::vector<store::Waiver>& waivers, TimePoint now,
    const std::vector<const store::EvidenceRow*>& vouched,
    std::unordered_map<const store::EvidenceRow*, std::vector<Failure>>& failures);

MuteUse UseOf(const store::Mute& mute, TimePoint now);
void SortByTime(std::vector<MuteUse>& uses);
bool IsMuted(const std::vector<MuteUse>& uses, const std::string& reporter);

}  // namespace tlsrpt::api
