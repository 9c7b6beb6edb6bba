#include "api/readiness/incidents.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "api/readiness/case.h"
#include "api/readiness/format.h"

namespace tlsrpt::api {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using store::EvidenceRow;

// One row's part in an incident.
struct Part {
  sys_days first;
  sys_days last;
  std::string reporter;
  std::int64_t sessions;
  Meaning meaning;
};

// The worst first.
bool IsWorse(Meaning a, Meaning b) { return static_cast<int>(a) < static_cast<int>(b); }

std::string_view NameOf(Meaning meaning) {
  switch (meaning) {
    case Meaning::kRefused:
      return "refused";
    case Meaning::kMxSuspect:
      return "mx_suspect";
    case Meaning::kRetrieval:
      return "retrieval";
    case Meaning::kDane:
      return "dane";
  }
  return "refused";
}

void Close(Incident& incident, std::map<std::string, std::int64_t> by_reporter,
           sys_days today) {
  incident.by_reporter = {by_reporter.begin(), by_reporter.end()};
  std::stable_sort(incident.by_reporter.begin(), incident.by_reporter.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  const sys_days quiet = incident.last_day + days{kIncidentQuietDays};
  if (quiet < today) incident.closed_on = quiet + days{1};
  incident.sentence = incident.result_type +
                      (incident.mx.empty() ? "" : " at " + incident.mx) + ", " +
                      Counted(incident.sessions, "session") + " from " +
                      DayText(incident.opened_on) + " to " + DayText(incident.last_day) +
                      (incident.closed_on ? "; closed." : "; open.");
}

}  // namespace

std::vector<Incident> IncidentsOf(const store::Evidence& evidence,
                                  const ReadinessSettings& settings, TimePoint now) {
  const Case c(evidence, settings, now, now, now);
  std::map<std::pair<std::string, std::string>, std::vector<Part>> groups;
  for (const EvidenceRow* row : c.vouched) {
    const sys_days first = std::min(row->first_day, row->day);
    const sys_days last = std::min(std::max(row->last_day, row->day), c.today);
    for (const Failure& failure : c.Failures(*row)) {
      groups[{failure.mx, failure.type_name}].push_back(
          {first, last, row->reporter, failure.sessions, failure.meaning});
    }
  }

  std::vector<Incident> incidents;
  for (auto& [key, parts] : groups) {
    std::stable_sort(parts.begin(), parts.end(), [](const Part& a, const Part& b) {
      return std::tie(a.first, a.last) < std::tie(b.first, b.last);
    });
    std::map<std::string, std::int64_t> by_reporter;
    std::optional<Incident> open;
    for (const Part& part : parts) {
      if (open && part.first > open->last_day + days{kIncidentQuietDays}) {
        Close(*open, std::move(by_reporter), c.today);
        incidents.push_back(*std::move(open));
        by_reporter.clear();
        open.reset();
      }
      if (!open) {
        open.emplace();
        std::tie(open->mx, open->result_type) = key;
        open->meaning = part.meaning;
        open->opened_on = part.first;
        open->last_day = part.last;
      }
      open->last_day = std::max(open->last_day, part.last);
      open->sessions += part.sessions;
      if (IsWorse(part.meaning, open->meaning)) open->meaning = part.meaning;
      by_reporter[part.reporter] += part.sessions;
      if (open->updates.empty() || open->updates.back().first != part.first) {
        open->updates.emplace_back(part.first, 0);
      }
      open->updates.back().second += part.sessions;
    }
    if (open) {
      Close(*open, std::move(by_reporter), c.today);
      incidents.push_back(*std::move(open));
    }
  }
  std::stable_sort(
      incidents.begin(), incidents.end(), [](const Incident& a, const Incident& b) {
        return std::tie(a.last_day, a.opened_on) > std::tie(b.last_day, b.opened_on);
      });
  return incidents;
}

nlohmann::ordered_json ToJson(const Incident& incident, const std::string& domain) {
  using Json = nlohmann::ordered_json;
  Json reporters = Json::array();
  for (const auto& [reporter, sessions] : incident.by_reporter) {
    reporters.push_back({{"reporter", reporter.empty() ? Json(nullptr) : Json(reporter)},
                         {"sessions", sessions}});
  }
  Json updates = Json::array();
  for (const auto& [day, sessions] : incident.updates) {
    updates.push_back({{"day", DayText(day)}, {"sessions", sessions}});
  }
  return {{"id", domain + "/" + (incident.mx.empty() ? "-" : incident.mx) + "/" +
                     incident.result_type + "/" + DayText(incident.opened_on)},
          {"mx", incident.mx.empty() ? Json(nullptr) : Json(incident.mx)},
          {"result_type", incident.result_type},
          {"meaning", std::string(NameOf(incident.meaning))},
          {"state", incident.closed_on ? "closed" : "open"},
          {"opened_on", DayText(incident.opened_on)},
          {"last_day", DayText(incident.last_day)},
          {"closed_on",
           incident.closed_on ? Json(DayText(*incident.closed_on)) : Json(nullptr)},
          {"sessions", incident.sessions},
          {"by_reporter", std::move(reporters)},
          {"updates", std::move(updates)},
          {"sentence", incident.sentence}};
}

}  // namespace tlsrpt::api
