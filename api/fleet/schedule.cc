#include "api/fleet/schedule.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "api/readiness/live.h"

namespace tlsrpt::api {
namespace {

using std::chrono::days;
using std::chrono::seconds;

// FNV-1a: the same on every node and in every release, and well spread over short names.
std::uint64_t HashOf(std::string_view text) {
  std::uint64_t hash = 14695981039346656037u;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  }
  return hash;
}

}  // namespace

seconds TurnOf(std::string_view domain, seconds spread) {
  return seconds(HashOf(domain) % static_cast<std::uint64_t>(spread.count()));
}

TimePoint NextEvaluation(const store::Evidence& evidence,
                         const ReadinessSettings& settings, TimePoint now,
                         seconds spread) {
  const TimePoint midnight = std::chrono::floor<days>(now);
  TimePoint next = midnight + TurnOf(evidence.domain, spread);
  if (next <= now) next += days{1};
  const auto not_after = [&](TimePoint last) {
    if (last > now) next = std::min(next, last + seconds(1));
  };
  const auto while_valid = [&](const std::optional<store::Certificate>& certificate) {
    if (!certificate) return;
    for (const TimePoint at : DeadlinesOf(*certificate, settings.min_certificate_left)) {
      not_after(at);
    }
  };
  // After its last day what it took away, or accepted, counts again.
  for (const store::Mute& mute : evidence.mutes) {
    not_after(TimePoint(mute.until + days{1}));
  }
  for (const store::Waiver& waiver : evidence.waivers) {
    if (waiver.until) not_after(TimePoint(*waiver.until + days{1}));
  }
  for (const store::Observation& look : evidence.observations) {
    const TimePoint too_old = look.observed_at + settings.max_observation_age;
    not_after(too_old);
    if (too_old <= now) continue;
    while_valid(look.policy.certificate);
    for (const store::MxAddressProbe& probe : look.addresses) {
      while_valid(probe.certificate);
    }
  }
  return next;
}

}  // namespace tlsrpt::api
