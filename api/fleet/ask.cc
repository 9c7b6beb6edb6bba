#include "api/fleet/ask.h"

#include <chrono>

#include "api/readiness/decide.h"
#include "api/readiness/window.h"
#include "store/queries/evidence.h"
#include "store/queries/reporters.h"

namespace tlsrpt::api {
namespace {

// Beyond the window: an MX host is new when it was not seen for 30 days, and a policy
// change may lie as far back as that.
constexpr std::chrono::days kLookBack{62};

}  // namespace

store::PgResult<Verdict> AskReadiness(store::Connection& connection,
                                      const ReadinessQuestion& question,
                                      ReadinessSettings settings) {
  const auto day = DayOf(question.as_of);
  const auto evidence = store::ReadEvidence(connection, {.domain = question.domain,
                                                         .mx_hosts = question.mx_hosts,
                                                         .first_day = day - kLookBack,
                                                         .last_day = day,
                                                         .known_at = question.known_at});
  if (!evidence) return evidence.error();
  const auto profiles = store::ReadProfiles(connection);
  if (!profiles) return profiles.error();
  settings.counted_reporters = profiles->Counted();
  return Decide(*evidence, settings, question.as_of, question.asked_at);
}

}  // namespace tlsrpt::api
