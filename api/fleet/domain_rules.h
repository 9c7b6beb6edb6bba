// The rules for one domain: those of the process, with what an administrator set for the
// domain on top.
//
// Errors   kInternal: a stored setting that this program does not take. Left out, it
// might
//          weaken what somebody made stricter; so nothing is decided without it.
// Threads  pure functions.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "api/readiness/settings.h"
#include "base/result.h"
#include "store/model/domain_setting.h"

namespace tlsrpt::api {

Result<ReadinessSettings> RulesFor(const std::string& domain, ReadinessSettings rules,
                                   const std::vector<store::DomainSetting>& settings);

// How many days back the evidence is to be read for all that Decide() judges by: the
// longest window, and before it as long as an MX host may be away without being new. 62
// by default.
std::chrono::days LookBackOf(const ReadinessSettings& settings);

// "min_sessions=200" as it is stored: checked, and "min_sessions=" for the default again.
// That is taken of a setting which this program does not know, too, where the domain has
// it among `stored`: an older one may have set it.
//
// Errors  as ApplySetting(), and kMalformed without "=".
Result<store::DomainSetting> SettingOf(
    std::string_view assignment, const std::vector<store::DomainSetting>& stored = {});
Result<store::DomainSetting> SettingOf(
    std::string_view name, std::string_view value,
    const std::vector<store::DomainSetting>& stored = {});

}  // namespace tlsrpt::api
