// The settings of a verdict as JSON, whole: what is kept with a state change, so that the
// answer can be made again years later, whatever the defaults are then.
//
//   settings = { name of settings_table.h: number, "live": bool,
//                "counted_reporters": [name], "required_reporters": [name],
//                "our_rua": [address] }
//
// Threads  pure.
#pragma once

#include <string>

#include "api/readiness/settings.h"

namespace tlsrpt::api {

std::string SettingsJson(const ReadinessSettings& settings);

}  // namespace tlsrpt::api
