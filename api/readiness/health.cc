#include "api/readiness/health.h"

#include "api/readiness/failures.h"
#include "api/readiness/format.h"
#include "api/readiness/window.h"

namespace tlsrpt::api {
namespace {

// From the last `days` days that reports can be in for, to today.
Window Lately(const Case& c, int days) {
  return {LastDaysOf(c.window, days).first_day, c.today};
}

}  // namespace

std::vector<std::string> RisksOf(const Case& c, const std::vector<Criterion>& criteria) {
  std::vector<std::string> risks;
  const FailureSum refused =
      c.Sum(c.vouched, Meaning::kRefused, Lately(c, c.settings.risk_days),
            [](const store::EvidenceRow&) { return true; });
  if (!refused.empty()) {
    risks.push_back("refused in the last days: " + refused.Describe());
  }
  if (SumOf(c.evidence_days, Lately(c, c.settings.risk_silent_days)).days.empty()) {
    risks.push_back("no counted reporter had a success under the policy for " +
                    Counted(c.settings.risk_silent_days, "day"));
  }
  for (const Criterion& criterion : criteria) {
    if (criterion.id == "policy_retrievable" && criterion.status == Status::kFail) {
      risks.push_back("senders fail to get the policy");
    }
  }
  return risks;
}

}  // namespace tlsrpt::api
