#include "api/readiness/json.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/readiness/format.h"
#include "api/readiness/settings.h"

namespace tlsrpt::api {
namespace {

using Json = nlohmann::ordered_json;

Json TextOrNull(std::string_view text) {
  return text.empty() ? Json(nullptr) : Json(std::string(text));
}

Json DayOrNull(const std::optional<std::chrono::sys_days>& day) {
  return day ? Json(DayText(*day)) : Json(nullptr);
}

Json DaysToJson(const std::vector<std::chrono::sys_days>& days) {
  Json list = Json::array();
  for (const auto day : days) list.push_back(DayText(day));
  return list;
}

Json ToJson(const Criterion& criterion) {
  Json numbers = Json::object();
  for (const auto& [name, number] : criterion.numbers) numbers[name] = number;
  return {{"id", criterion.id},
          {"status", std::string(NameOf(criterion.status))},
          {"severity", std::string(NameOf(criterion.severity))},
          {"sentence", criterion.sentence},
          {"numbers", std::move(numbers)},
          {"evidence", criterion.evidence},
          {"remedy", TextOrNull(criterion.remedy)}};
}

// [{"<name>": "google.com", "refusals": 31}, ...]
Json SharesToJson(const Numbers& shares, const char* name) {
  Json list = Json::array();
  for (const auto& [key, refusals] : shares) {
    list.push_back({{name, TextOrNull(key)}, {"refusals", refusals}});
  }
  return list;
}

Json ToJson(const Replay& replay) {
  Json by_day = Json::array();
  for (const auto& [day, refusals] : replay.by_day) {
    by_day.push_back({{"day", DayText(day)}, {"refusals", refusals}});
  }
  return {{"first_day", DayText(replay.first_day)},
          {"last_day", DayText(replay.last_day)},
          {"sessions", replay.sessions},
          {"refused_sessions", replay.refused_sessions},
          {"refusals", replay.refusals},
          {"by_reporter", SharesToJson(replay.by_reporter, "reporter")},
          {"by_mx", SharesToJson(replay.by_mx, "mx")},
          {"by_result_type", SharesToJson(replay.by_result_type, "result_type")},
          {"by_day", std::move(by_day)},
          {"first_refusal", DayOrNull(replay.first_refusal)},
          {"last_refusal", DayOrNull(replay.last_refusal)},
          {"upper_bound_95",
           {{"refused", replay.bound.refused},
            {"sessions", replay.bound.sessions},
            {"share", replay.bound.share},
            {"sentence", replay.bound.sentence}}},
          {"sentence", replay.sentence}};
}

Json ToJson(const Coverage& coverage) {
  Json reporters = Json::array();
  for (const ReporterCoverage& of : coverage.reporters) {
    reporters.push_back({{"reporter", TextOrNull(of.reporter)},
                         {"counted", of.counted},
                         {"days", DaysToJson(of.days)},
                         {"last_day", DayText(of.last_day)},
                         {"sessions", of.sessions},
                         {"evidence_sessions", of.evidence_sessions},
                         {"cadence", of.cadence},
                         {"fell_silent_after", DayOrNull(of.fell_silent_after)}});
  }
  return {{"reporters", std::move(reporters)},
          {"evidence_days", DaysToJson(coverage.evidence_days)},
          {"sentence", coverage.sentence}};
}

Json ToJson(const PolicyVersion& version) {
  Json reporters = Json::array();
  for (const PolicyVersion::Sighting& of : version.reporters) {
    reporters.push_back({{"reporter", TextOrNull(of.reporter)},
                         {"counted", of.counted},
                         {"first_day", DayText(of.first_day)},
                         {"last_day", DayText(of.last_day)},
                         {"sessions", of.sessions}});
  }
  return {{"mode", std::string(store::NameOf(version.mode))},
          {"mx", version.mx},
          {"max_age", version.max_age ? Json(version.max_age->count()) : Json(nullptr)},
          {"first_day", DayText(version.first_day)},
          {"last_day", DayText(version.last_day)},
          {"sessions", version.sessions},
          {"current", version.current},
          {"reporters", std::move(reporters)}};
}

Json ToJson(const PolicyChange& change) {
  return {{"day", DayText(change.day)},
          {"restarts_clock", change.restarts_clock},
          {"sentence", change.sentence}};
}

// Named ahead of the template, which finds no later ones.
Json ToJson(const PlanStep& step);
template <class Items>
Json ListToJson(const Items& items) {
  Json list = Json::array();
  for (const auto& item : items) list.push_back(ToJson(item));
  return list;
}

Json ToJson(const Timeline& timeline) {
  return {{"versions", ListToJson(timeline.versions)},
          {"changes", ListToJson(timeline.changes)},
          {"behind", timeline.behind},
          {"sentence", timeline.sentence}};
}

Json ToJson(const PlanStep& step) {
  return {{"title", step.title},
          {"do", step.instruction},
          {"text", TextOrNull(step.text)},
          {"check", step.check}};
}

Json ToJson(const Plan& plan) {
  return {{"kind", plan.kind == PlanKind::kEnforce ? "enforce" : "rollback"},
          {"policy_url", plan.policy_url},
          {"policy_file", TextOrNull(plan.policy_file)},
          {"txt_name", plan.txt_name},
          {"txt_record", TextOrNull(plan.txt_record)},
          {"id", plan.id},
          {"from_reports", plan.from_reports},
          {"steps", ListToJson(plan.steps)},
          {"rollback",
           {{"policy_file", plan.rollback.policy_file},
            {"txt_record", plan.rollback.txt_record},
            {"steps", ListToJson(plan.rollback.steps)},
            {"worst_case_seconds", plan.rollback.worst_case.count()},
            {"sentence", plan.rollback.sentence}}}};
}

Json TimeOrNull(const std::optional<TimePoint>& time) {
  return time ? Json(TimeText(*time)) : Json(nullptr);
}

}  // namespace

Json ToJson(const WaiverUse& use) {
  const store::Waiver& waiver = use.waiver;
  return {
      {"id", waiver.id},
      {"state", std::string(NameOf(use.state))},
      {"reporter", TextOrNull(waiver.reporter)},
      {"result_type", waiver.result_type},
      {"mx", TextOrNull(waiver.mx)},
      {"reason", TextOrNull(waiver.reason)},
      {"who", waiver.who},
      {"why", waiver.why},
      {"made_at", TimeText(waiver.made_at)},
      {"withdrawn_at", TimeOrNull(waiver.withdrawn_at)},
      {"withdrawn_by", TextOrNull(waiver.withdrawn_by)},
      {"until", DayOrNull(waiver.until)},
      {"max_sessions", waiver.max_sessions ? Json(*waiver.max_sessions) : Json(nullptr)},
      {"accepted_sessions", use.accepted_sessions},
      {"later_sessions", use.later_sessions},
      {"sentence", use.sentence}};
}

Json ToJson(const MuteUse& use) {
  const store::Mute& mute = use.mute;
  return {{"id", mute.id},
          {"in_force", use.in_force},
          {"reporter", TextOrNull(mute.reporter)},
          {"who", mute.who},
          {"why", mute.why},
          {"made_at", TimeText(mute.made_at)},
          {"withdrawn_at", TimeOrNull(mute.withdrawn_at)},
          {"until", DayText(mute.until)},
          {"sentence", use.sentence}};
}

Json ToJson(const Verdict& verdict) {
  return {{"domain", verdict.domain},
          {"demo", verdict.demo},
          {"verdict", std::string(NameOf(verdict.kind))},
          {"health", TextOrNull(NameOf(verdict.health))},
          {"confidence", TextOrNull(NameOf(verdict.confidence))},
          {"basis", std::string(BasisOf(verdict.live))},
          {"as_of", TimeText(verdict.as_of)},
          {"window",
           {{"first_day", DayText(verdict.window.first_day)},
            {"last_day", DayText(verdict.window.last_day)}}},
          {"ruleset", verdict.ruleset},
          {"sentence", verdict.sentence},
          {"criteria", ListToJson(verdict.criteria)},
          {"replay", ToJson(verdict.replay)},
          {"coverage", ToJson(verdict.coverage)},
          {"waivers", ListToJson(verdict.waivers)},
          {"mutes", ListToJson(verdict.mutes)},
          {"earliest_ready", DayOrNull(verdict.earliest_ready.day)},
          {"earliest_ready_sentence", verdict.earliest_ready.sentence},
          {"plan", verdict.plan ? ToJson(*verdict.plan) : Json(nullptr)},
          {"timeline", ToJson(verdict.timeline)},
          {"unsafe_settings", verdict.unsafe_settings}};
}

std::string ToJsonText(const Verdict& verdict) {
  return ToJson(verdict).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace tlsrpt::api
