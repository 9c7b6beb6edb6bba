// GET /v1/domains/{domain}/readiness: may it enforce? The verdict of api/readiness, as
// `tlsrptd readiness --json` prints it.

#include <utility>

#include "api/fleet/ask.h"
#include "api/readiness/json.h"
#include "api/rest/domain_access.h"
#include "api/rest/handlers.h"
#include "api/rest/parameters.h"

namespace tlsrpt::api {
namespace {

// A longer window is asked about on top of the usual one; a shorter one would weaken the
// promise of two weeks, and a caller's window must not be able to make a "ready". The
// evidence read reaches back far enough for so many days.
constexpr std::int64_t kMaxWindowDays = 28;

}  // namespace

Rest<Answer> GetReadiness(const Call& call) {
  const auto domain = FindSingleDomain(call);
  if (!domain) return domain.error();
  const auto as_of = TimeParameter(call, "as_of");
  if (!as_of) return as_of.error();
  const TimePoint now = call.around.clock->Now();
  if (*as_of && **as_of > now) {
    // Its window would hold days whose reports are still on their way.
    return Refusal(400, "parameter as_of=" + *TextParameter(call, "as_of") +
                            " lies in the future; nobody can say yet");
  }
  const auto known_at = TimeParameter(call, "known_at");
  if (!known_at) return known_at.error();
  const auto live = BoolParameter(call, "live");
  if (!live) return live.error();
  const int usual_window = call.around.readiness.window_days;
  const auto window =
      NumberParameter(call, "window_days", usual_window, usual_window, kMaxWindowDays);
  if (!window) return window.error();
  const bool asks_for_window = TextParameter(call, "window_days").has_value();

  ReadinessSettings rules = call.around.readiness;
  if (!live->value_or(true)) rules.live = false;
  ReadinessQuestion question = AboutNow(*domain, now);
  question.as_of = as_of->value_or(now);
  question.known_at = *known_at;
  if (asks_for_window) question.min_window_days = static_cast<int>(*window);
  const auto verdict = AskReadiness(*call.database, question, rules);
  if (!verdict) return Refusal(verdict.error());
  return JsonAnswer(ToJson(*verdict));
}

}  // namespace tlsrpt::api
