// A verdict as a person reads it in a terminal: the verdict in a sentence, what stands
// in the way and what to do about it, then the rest.
#pragma once

#include <string>

#include "api/readiness/verdict.h"

namespace tlsrpt::api {

// Control characters out of reports are replaced, so that no report can write to the
// terminal. `colour` adds ANSI colours to status words.
std::string ToText(const Verdict& verdict, bool colour = false);

}  // namespace tlsrpt::api
