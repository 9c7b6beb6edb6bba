#include "api/readiness/timeline.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "api/readiness/format.h"

namespace tlsrpt::api {
namespace {

using std::chrono::sys_days;
using store::EvidenceRow;

// Two texts are one version here when mode, patterns and max_age agree.
using VersionKey = std::pair<PolicyKey, std::optional<std::chrono::seconds>>;

struct Building {
  PolicyVersion version;
  std::map<std::string, PolicyVersion::Sighting> sightings;
};

void Add(Building& building, const EvidenceRow& row, bool counted) {
  const std::int64_t sessions = row.success_sessions + row.failure_sessions;
  const auto [at, is_new] = building.sightings.try_emplace(row.reporter);
  PolicyVersion::Sighting& of = at->second;
  of.reporter = row.reporter;
  of.counted = of.counted || counted;
  of.first_day = is_new ? row.day : std::min(of.first_day, row.day);
  of.last_day = is_new ? row.day : std::max(of.last_day, row.day);
  of.sessions += sessions;
  building.version.sessions += sessions;
}

std::string MaxAgeText(const std::optional<std::chrono::seconds>& max_age) {
  return max_age ? std::to_string(max_age->count()) : "none";
}

PolicyChange ChangeOf(const PolicyVersion& from, const PolicyVersion& to) {
  PolicyChange change;
  change.day = to.first_day;
  std::vector<std::string> parts;
  if (from.mode != to.mode) {
    parts.push_back("mode " + std::string(store::NameOf(from.mode)) + " to " +
                    std::string(store::NameOf(to.mode)));
    change.restarts_clock = true;
  }
  for (const std::string& mx : from.mx) {
    if (std::find(to.mx.begin(), to.mx.end(), mx) == to.mx.end()) {
      parts.push_back("mx " + mx + " removed");
      change.restarts_clock = true;
    }
  }
  for (const std::string& mx : to.mx) {
    if (std::find(from.mx.begin(), from.mx.end(), mx) == from.mx.end()) {
      parts.push_back("mx " + mx + " added");
    }
  }
  if (from.max_age != to.max_age) {
    parts.push_back("max_age " + MaxAgeText(from.max_age) + " to " +
                    MaxAgeText(to.max_age));
  }
  change.sentence =
      DayText(change.day) + ": " + ListText(parts) +
      (change.restarts_clock ? "; the two weeks begin again." : "; the two weeks go on.");
  return change;
}

}  // namespace

Timeline TimelineOf(const Case& c) {
  std::map<VersionKey, Building> building;
  for (const EvidenceRow* row : c.vouched) {
    if (!c.IsOwn(*row) || row->day > c.today) continue;
    const auto key = PolicyKeyOf(*row, c.evidence);
    if (!key) continue;
    const auto max_age = c.evidence.policy_texts.at(*row->policy_hash).max_age;
    Building& of = building[{*key, max_age}];
    of.version.mode = key->mode;
    of.version.mx = {key->mx.begin(), key->mx.end()};
    of.version.max_age = max_age;
    of.version.current = c.policy.current().contains(*key);
    Add(of, *row, c.IsCounted(*row));
  }

  Timeline timeline;
  for (auto& [key, of] : building) {
    PolicyVersion& version = of.version;
    version.first_day = of.sightings.begin()->second.first_day;
    version.last_day = of.sightings.begin()->second.last_day;
    for (auto& [name, sighting] : of.sightings) {
      version.first_day = std::min(version.first_day, sighting.first_day);
      version.last_day = std::max(version.last_day, sighting.last_day);
      version.reporters.push_back(sighting);
    }
    timeline.versions.push_back(std::move(version));
  }
  std::stable_sort(timeline.versions.begin(), timeline.versions.end(),
                   [](const PolicyVersion& a, const PolicyVersion& b) {
                     return std::tie(a.first_day, a.last_day) <
                            std::tie(b.first_day, b.last_day);
                   });
  for (std::size_t i = 1; i < timeline.versions.size(); ++i) {
    timeline.changes.push_back(ChangeOf(timeline.versions[i - 1], timeline.versions[i]));
  }
  for (const auto& [reporter, opinion] : c.policy.opinions()) {
    const bool current = std::any_of(
        opinion.keys.begin(), opinion.keys.end(),
        [&](const PolicyKey& key) { return c.policy.current().contains(key); });
    if (!current) timeline.behind.push_back(reporter);
  }

  timeline.sentence = timeline.versions.empty()
                          ? "No vouched report has the text of a policy."
                          : Counted(static_cast<std::int64_t>(timeline.versions.size()),
                                    "policy version") +
                                " reported since " +
                                DayText(timeline.versions.front().first_day) + ".";
  if (!timeline.behind.empty()) {
    timeline.sentence +=
        " Still on an older cached policy: " + ListText(timeline.behind) + ".";
  }
  return timeline;
}

}  // namespace tlsrpt::api
