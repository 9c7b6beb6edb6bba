// A verdict as the JSON of DESIGN 7.
//
// Members: domain, verdict, health, confidence, basis, as_of, window, ruleset, criteria,
// replay, coverage, waivers, mutes, earliest_ready, plan; beyond those `sentence`,
// `earliest_ready_sentence`, `timeline` and `unsafe_settings`. Days are UTC dates,
// "2026-11-21". What does not apply is null, never absent. Clients ignore members they do
// not know.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "api/readiness/verdict.h"

namespace tlsrpt::api {

nlohmann::ordered_json ToJson(const Verdict& verdict);
// An item of its "waivers", and of its "mutes".
nlohmann::ordered_json ToJson(const WaiverUse& use);
nlohmann::ordered_json ToJson(const MuteUse& use);

// ToJson() as text, indented by two, with a line end. Bytes that are no UTF-8 (names out
// of reports) become U+FFFD.
std::string ToJsonText(const Verdict& verdict);

}  // namespace tlsrpt::api
