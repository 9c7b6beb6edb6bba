// The states that a domain can be in, as lists and counts name them: every verdict, and
// "unknown" (store/queries/fleet.h).
//
// Threads  pure.
#pragma once

#include <string>
#include <vector>

#include "api/readiness/verdict.h"
#include "store/queries/fleet.h"

namespace tlsrpt::api {

inline std::vector<std::string> StateNames() {
  std::vector<std::string> names;
  for (const VerdictKind kind :
       {VerdictKind::kReady, VerdictKind::kNotReady, VerdictKind::kInsufficientEvidence,
        VerdictKind::kEnforcing, VerdictKind::kNotApplicable}) {
    names.emplace_back(NameOf(kind));
  }
  names.emplace_back(store::kStateUnknown);
  return names;
}

}  // namespace tlsrpt::api
