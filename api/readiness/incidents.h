// Incidents: failures of one kind at one MX, from the first day to the last.
//
// Made from the evidence alone, each time anew; nothing is kept. An incident is known by
// (domain, MX, result type, first day). A late report of an earlier day moves that day.
//
// Units    sessions; days are UTC dates, both ends included.
// Threads  pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/readiness/failures.h"
#include "api/readiness/settings.h"
#include "api/readiness/verdict.h"
#include "base/clock.h"
#include "store/model/evidence.h"

namespace tlsrpt::api {

// So many days without it close an incident: a weekly job or a rare sender is one.
inline constexpr int kIncidentQuietDays = 7;

struct Incident {
  std::string mx;  // empty where no reporter says
  std::string result_type;
  Meaning meaning = Meaning::kRefused;  // the worst of it
  std::chrono::sys_days opened_on;
  std::chrono::sys_days last_day;
  std::optional<std::chrono::sys_days> closed_on;  // empty: open
  std::int64_t sessions = 0;
  Numbers by_reporter;  // the largest first
  // Each day on which more of it began, with its sessions: the updates.
  std::vector<std::pair<std::chrono::sys_days, std::int64_t>> updates;
  std::string sentence;
};

// Of what vouched reporters that are not muted tell, up to the day of `now`; the most
// recent first.
std::vector<Incident> IncidentsOf(const store::Evidence& evidence,
                                  const ReadinessSettings& settings, TimePoint now);

nlohmann::ordered_json ToJson(const Incident& incident, const std::string& domain);

}  // namespace tlsrpt::api
