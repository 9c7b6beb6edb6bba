// The rules that an answer must hold under besides those that are set.
//
// A setting under its plain name promises to add conditions and nothing else. Taken alone
// some do not: a window twice as long needs as many reporters and sessions as before, and
// over twice the days a handful of failures is a smaller share. So an answer is given
// under each of these rules, and the worst one stands.
//
// Threads  pure functions.
#pragma once

#include <string>
#include <vector>

#include "api/readiness/settings.h"
#include "api/readiness/verdict.h"

namespace tlsrpt::api {

// The default of every setting of SettingsTable(), but for those that are weaker than it:
// they were set as `unsafe_`. What is not in that table stays as it is.
ReadinessSettings BaselineOf(ReadinessSettings settings);

// The same rules for a longer window, as large a part of it covered; as they are where
// theirs is as long already.
ReadinessSettings WithWindow(ReadinessSettings rules, int min_window_days);

struct RulesToHold {
  ReadinessSettings rules;
  // What a verdict says that is given by these and not by the ones asked for; empty for
  // those.
  std::string why;
};

// Those asked for first, each set once. One where everything is at its default or weaker,
// which is the common case.
std::vector<RulesToHold> AllRulesOf(const ReadinessSettings& settings);

// Of two answers to one question. From bad to good: enforcing at risk, not ready,
// insufficient evidence, not applicable, enforcing and healthy, ready with low
// confidence, ready.
bool IsWorse(const Verdict& verdict, const Verdict& than);

}  // namespace tlsrpt::api
