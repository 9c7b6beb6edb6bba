// The counter-example of the design, as tests: the gate of an existing tool counts only
// policy-fetch errors and `validation-failure`, takes any report for evidence, and takes
// none for 28 days for clean. Each of its three ways to a wrong "ready" ends here.

#include <string>
#include <vector>

#include "tests/unit/api/readiness/row.h"

namespace tlsrpt::api {
namespace {

using store::PolicyType;
using store::ResultType;

// That gate, as far as is known of it.
bool OtherToolSaysReady(const store::Evidence& evidence) {
  for (const store::EvidenceRow& row : evidence.rows) {
    if (row.day < Day(-27)) continue;
    for (const store::FailureGroup& group : row.failures) {
      if (group.result_type == ResultType::kValidationFailure ||
          group.result_type == ResultType::kStsPolicyFetchError) {
        return false;
      }
    }
  }
  return true;
}

TEST(CounterExample, EachWayToAWrongReadyEndsHere) {
  History failing = History::Clean(-40);
  for (int day = -13; day <= 0; ++day) {
    failing.Fail(kGoogle, day, ResultType::kCertificateExpired, 50);
    failing.Fail(kMicrosoft, day, ResultType::kStarttlsNotSupported, 50);
    failing.Fail(kMicrosoft, day, ResultType::kCertificateHostMismatch, 50);
    failing.Fail(kMicrosoft, day, ResultType::kCertificateNotTrusted, 50);
  }
  const Row rows[] = {
      {"an expired MX certificate, refused every day",
       failing,
       VerdictKind::kNotReady,
       {"no_refused_sessions!"}},
      {"any report is evidence: DANE results, and reports that nobody vouches for",
       History()
           .Type(PolicyType::kTlsa)
           .Ok(kGoogle, -27, 0, 1000)
           .Type(PolicyType::kSts)
           .Unvouched()
           .Ok(kMicrosoft, -27, 0, 1000),
       VerdictKind::kInsufficientEvidence,
       {"policy_in_testing?", "testing_long_enough?", "days_covered?", "reporters_seen?",
        "sessions_seen?"}},
      {"none for 28 days",
       History::Clean(-60, -28),
       VerdictKind::kInsufficientEvidence,
       {"policy_in_testing?", "days_covered?", "reporters_seen?", "sessions_seen?",
        "usual_reporters_in?"}},
      {"none ever",
       History(),
       VerdictKind::kInsufficientEvidence,
       {"policy_in_testing?", "testing_long_enough?", "days_covered?", "reporters_seen?",
        "sessions_seen?"}},
  };
  for (const Row& row : rows) {
    EXPECT_TRUE(OtherToolSaysReady(row.evidence)) << row.why;
  }
  Check(rows);
}

}  // namespace
}  // namespace tlsrpt::api
