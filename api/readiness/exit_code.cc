#include "api/readiness/exit_code.h"

namespace tlsrpt::api {

int ExitCodeOf(const Verdict& verdict) {
  switch (verdict.kind) {
    case VerdictKind::kReady:
      return 0;
    case VerdictKind::kNotReady:
      return 1;
    case VerdictKind::kInsufficientEvidence:
      return 2;
    case VerdictKind::kNotApplicable:
      return 3;
    case VerdictKind::kEnforcing:
      return verdict.health == Health::kOk ? 4 : 5;
  }
  return 2;
}

}  // namespace tlsrpt::api
