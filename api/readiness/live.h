// What the looks at the live domain say, judged: records, policy file, MX hosts.
//
// The newest look that tried a part, and that is fresh, speaks for it. What it did not
// reach is unknown. With `live = false` nothing was seen.
//
// Threads  a value after construction. Lifetime: points into the evidence.
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "api/readiness/settings.h"
#include "api/readiness/verdict.h"
#include "base/clock.h"
#include "store/model/evidence.h"
#include "store/model/sts_policy.h"

namespace tlsrpt::api {

enum class Look { kPass, kFail, kUnknown };

// What is wrong with one thing that was looked at, and what to do; both empty for a pass.
struct Finding {
  Look look = Look::kUnknown;
  std::string problem;
  std::string remedy;
};

// When a certificate that is in order now no longer has as much time left as it must
// have, and when it ends.
std::vector<TimePoint> DeadlinesOf(const store::Certificate& certificate,
                                   std::chrono::days min_certificate_left);

// One address of an MX as a sender under enforce meets it (RFC 8461, 4.2).
Finding JudgeAddress(const store::MxAddressProbe& probe, TimePoint when,
                     std::chrono::days min_certificate_left);

// The same for a sender that goes by DANE: under DANE-EE the name and the expiry of the
// certificate do not matter (RFC 7672, 3.1.1).
bool PassesUnderDane(const store::MxAddressProbe& probe);

// The policy file as a sender fetches it (RFC 8461, 3.3), without its MX patterns.
Finding JudgeFetch(const store::PolicyFetch& fetch, TimePoint when,
                   const std::string& domain);

class LiveView {
 public:
  LiveView(const store::Evidence& evidence, const ReadinessSettings& settings,
           TimePoint now);

  // Whether there is any look that is fresh.
  bool seen() const { return newest_ != nullptr; }
  // The newest fresh looks that tried it; nullptr for none.
  const store::Observation* mta_sts() const { return mta_sts_; }
  const store::Observation* smtp_tls() const { return smtp_tls_; }
  const store::Observation* policy() const { return policy_; }
  const store::Observation* mx() const { return mx_; }
  // All looks up to now, oldest first, fresh or not.
  const std::vector<const store::Observation*>& all() const { return all_; }

  // The policy that senders get now; empty where they get none, or nobody looked.
  const std::optional<store::StsPolicy>& served() const { return served_; }
  // The answer of the name servers is that there is no _mta-sts record.
  bool RecordIsAbsent() const;
  bool RecordIsThere() const;

  // The last day on which an MX host was new that the domain has now.
  const std::optional<std::chrono::sys_days>& mx_added_on() const { return mx_added_on_; }
  const std::string& mx_added() const { return mx_added_; }

  // Whether a look at or after `since` found every address of `mx` to pass; of every MX
  // where `mx` is empty or is no MX of that look.
  bool PassedSince(const std::string& mx, TimePoint since, bool dane) const;
  // The newest look that found every MX to pass.
  std::optional<TimePoint> last_pass() const;
  // Days of `within` on which a look found every MX to pass, and none found a failure.
  std::set<std::chrono::sys_days> PassingDays(const Window& within) const;
  // What the looks found at one MX host, for the newest look at the MX hosts.
  std::vector<Finding> FindingsAt(const std::string& mx) const;

 private:
  bool MxPasses(const store::Observation& look, const std::string& mx, bool dane) const;
  bool AllPass(const store::Observation& look) const;
  void FindAddedMx();

  const ReadinessSettings& settings_;
  TimePoint now_;
  std::vector<const store::Observation*> all_;
  const store::Observation* newest_ = nullptr;
  const store::Observation* mta_sts_ = nullptr;
  const store::Observation* smtp_tls_ = nullptr;
  const store::Observation* policy_ = nullptr;
  const store::Observation* mx_ = nullptr;
  std::optional<store::StsPolicy> served_;
  std::optional<std::chrono::sys_days> mx_added_on_;
  std::string mx_added_;
};

// A reference to a look: "firm.example/observation/2026-11-23T09:00:00Z".
std::string ReferenceTo(const store::Observation& look, const std::string& domain);

}  // namespace tlsrpt::api
