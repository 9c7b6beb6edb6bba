#include "api/readiness/health.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "api/readiness/failures.h"
#include "api/readiness/format.h"
#include "api/readiness/window.h"

namespace tlsrpt::api {
namespace {

using std::chrono::sys_days;
using store::EvidenceRow;

// What a look, ours or a sender's, finds wrong now.
constexpr std::array<std::string_view, 5> kLive = {"policy_retrievable",
                                                   "dns_records_valid", "policy_served",
                                                   "mx_hosts_ready", "id_in_step"};

// From the last `days` days that reports can be in for, to today.
Window Lately(const Case& c, int days) {
  return {LastDaysOf(c.window, days).first_day, c.today};
}

// The last days, or more where no look has found the MX hosts in order since: up to all
// that the evidence holds.
Window RefusalDays(const Case& c) {
  Window within = Lately(c, c.settings.risk_days);
  if (c.view.all().empty()) return within;
  const auto passed = c.view.last_pass();
  within.first_day = std::min(within.first_day, passed ? DayOf(*passed) : sys_days{});
  return within;
}

// Successes under the policy, in whichever mode the sender still holds it.
bool AnySuccess(const Case& c, const Window& within) {
  return std::any_of(c.vouched.begin(), c.vouched.end(), [&](const EvidenceRow* row) {
    return c.IsCounted(*row) && c.IsOwn(*row) && Contains(within, row->day) &&
           row->success_sessions > 0 && PolicyKeyOf(*row, c.evidence);
  });
}

}  // namespace

std::vector<std::string> RisksOf(const Case& c, const std::vector<Criterion>& criteria) {
  std::vector<std::string> risks;
  const FailureSum refused = c.OpenSum(Meaning::kRefused, RefusalDays(c));
  if (!refused.empty()) {
    risks.push_back("Refused in the last days, or since a look last passed: " +
                    refused.Describe());
  }
  if (!AnySuccess(c, Lately(c, c.settings.risk_silent_days))) {
    risks.push_back("No counted reporter had a success under the policy for " +
                    Counted(c.settings.risk_silent_days, "day"));
  }
  for (const Criterion& criterion : criteria) {
    const bool live = std::find(kLive.begin(), kLive.end(), criterion.id) != kLive.end();
    if (!live || criterion.status != Status::kFail) continue;
    std::string sentence = criterion.sentence;
    if (sentence.ends_with('.')) sentence.pop_back();
    risks.push_back(sentence);
  }
  return risks;
}

}  // namespace tlsrpt::api
