// The one exception worth a ready-made waiver: a few `validation-failure`s without a
// reason, of one sender, at an MX that is in order. Large senders report them now and
// then for faults of their own.
//
// Threads  pure.
#pragma once

#include <string>

#include "api/readiness/case.h"

namespace tlsrpt::api {

// " If you accept that: tlsrptd waive ..." with the exact bounds, one for each group; or
// empty, where what stands open is more than that.
std::string LoneWaiveAdvice(const Case& c);

// The command that makes this waiver, safe to paste into a shell.
std::string WaiveCommand(const std::string& domain, const store::Waiver& waiver);

}  // namespace tlsrpt::api
