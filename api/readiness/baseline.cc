#include "api/readiness/baseline.h"

#include <algorithm>
#include <utility>

#include "api/readiness/format.h"
#include "api/readiness/settings_table.h"

namespace tlsrpt::api {
namespace {

// "retrieval_days = 14", of those that differ.
std::vector<std::string> Differences(const ReadinessSettings& settings,
                                     const ReadinessSettings& baseline) {
  std::vector<std::string> names;
  for (const SettingRow& row : SettingsTable()) {
    const auto value = row.get(settings);
    if (value == row.get(baseline)) continue;
    names.push_back(std::string(row.name) + " = " + std::to_string(value));
  }
  return names;
}

int Badness(const Verdict& verdict) {
  switch (verdict.kind) {
    case VerdictKind::kReady:
      return verdict.confidence == Confidence::kNormal ? 0 : 1;
    case VerdictKind::kEnforcing:
      return verdict.health == Health::kOk ? 2 : 6;
    case VerdictKind::kNotApplicable:
      return 3;
    case VerdictKind::kInsufficientEvidence:
      return 4;
    case VerdictKind::kNotReady:
      return 5;
  }
  return 6;
}

}  // namespace

ReadinessSettings BaselineOf(ReadinessSettings settings) {
  const ReadinessSettings defaults;
  for (const SettingRow& row : SettingsTable()) {
    if (!IsWeaker(row, row.get(settings))) row.set(settings, row.get(defaults));
  }
  return settings;
}

ReadinessSettings WithWindow(ReadinessSettings rules, int min_window_days) {
  const int usual = std::max(rules.window_days, 1);
  if (min_window_days <= usual) return rules;
  rules.min_days_covered = (rules.min_days_covered * min_window_days + usual - 1) / usual;
  rules.window_days = min_window_days;
  return rules;
}

std::vector<RulesToHold> AllRulesOf(const ReadinessSettings& settings) {
  std::vector<RulesToHold> all;
  ReadinessSettings usual = settings;
  usual.min_window_days = 0;
  ReadinessSettings longer = WithWindow(usual, settings.min_window_days);
  if (longer != usual) {
    all.push_back({std::move(longer), ""});
    all.push_back(
        {usual, "Judged by the usual window of " + Counted(usual.window_days, "day") +
                    ", since the longer one that was asked for would be more lenient in "
                    "this case."});
  } else {
    all.push_back({usual, ""});
  }
  ReadinessSettings baseline = BaselineOf(usual);
  if (baseline != usual) {
    const std::string set = ListText(Differences(usual, baseline));
    all.push_back({std::move(baseline),
                   "Judged by the default settings, since those set "
                   "here (" +
                       set + ") would be more lenient in this case."});
  }
  return all;
}

bool IsWorse(const Verdict& verdict, const Verdict& than) {
  return Badness(verdict) > Badness(than);
}

}  // namespace tlsrpt::api
