// Scenarios: what failures of every type under every policy type do to a clean history.

#include "api/readiness/failures.h"

#include <gmock/gmock.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/unit/api/readiness/row.h"

namespace tlsrpt::api {
namespace {

using store::PolicyType;
using store::ResultType;

constexpr auto kReady = VerdictKind::kReady;
constexpr auto kNotReady = VerdictKind::kNotReady;
constexpr auto kInsufficient = VerdictKind::kInsufficientEvidence;

// What one failed session, seven days before the window's end, puts in the way.
struct TypeRow {
  const char* why;
  ResultType type;
  const char* sts;     // and an unknown policy type
  const char* no_sts;  // tlsa, no-policy-found
};

const TypeRow kTypes[] = {
    {"RFC 8461, 5: no STARTTLS is refused", ResultType::kStarttlsNotSupported,
     "no_refused_sessions!", "failures_at_mx?"},
    {"RFC 8461, 5: the certificate names another host",
     ResultType::kCertificateHostMismatch, "no_refused_sessions!", "failures_at_mx?"},
    {"RFC 8461, 5: an expired certificate; a known gate lets it pass",
     ResultType::kCertificateExpired, "no_refused_sessions!", "failures_at_mx?"},
    {"RFC 8461, 5: an untrusted certificate", ResultType::kCertificateNotTrusted,
     "no_refused_sessions!", "failures_at_mx?"},
    {"RFC 8460, 4.3.4: for want of a better name", ResultType::kValidationFailure,
     "no_refused_sessions!", "failures_at_mx?"},
    {"DANE types under sts: the session failed all the same", ResultType::kTlsaInvalid,
     "no_refused_sessions!", ""},
    {"DANE types under sts", ResultType::kDnssecInvalid, "no_refused_sessions!", ""},
    {"DANE types under sts", ResultType::kDaneRequired, "no_refused_sessions!", ""},
    {"an unknown type may be anything", ResultType::kOther, "no_refused_sessions!",
     "failures_at_mx?"},
    {"RFC 8461, 5.1: no policy, no refusal; too few to matter",
     ResultType::kStsPolicyFetchError, "", ""},
    {"the same", ResultType::kStsPolicyInvalid, "", ""},
    {"the same", ResultType::kStsWebpkiInvalid, "", ""},
};

TEST(Failures, EveryTypeUnderEveryPolicyType) {
  for (const TypeRow& row : kTypes) {
    SCOPED_TRACE(row.why);
    SCOPED_TRACE(store::NameOf(row.type));
    for (const PolicyType policy : {PolicyType::kSts, PolicyType::kOther,
                                    PolicyType::kTlsa, PolicyType::kNoPolicyFound}) {
      SCOPED_TRACE(store::NameOf(policy));
      const bool judged = policy == PolicyType::kSts || policy == PolicyType::kOther;
      const std::string want = judged ? row.sts : row.no_sts;
      for (const char* reporter : {kGoogle, kOther}) {
        SCOPED_TRACE(reporter);
        History history = History::Clean();
        history.Type(policy).Fail(reporter, -7, row.type);
        history.Type(PolicyType::kSts).Ok(reporter, -6, -6);
        const Verdict verdict = Decide(history, ReportsOnly(), kNow);
        std::vector<std::string> in_the_way;
        if (!want.empty()) in_the_way = {want};
        if (reporter == kOther && want == "no_refused_sessions!") {
          in_the_way = {"uncorroborated_failures?"};
        }
        EXPECT_EQ(InTheWay(verdict), in_the_way);
        EXPECT_EQ(verdict.kind == kReady, in_the_way.empty());
        const bool is_dane = row.type == ResultType::kTlsaInvalid ||
                             row.type == ResultType::kDnssecInvalid ||
                             row.type == ResultType::kDaneRequired;
        EXPECT_EQ(Find(verdict, "dane_health")->status == Status::kFail,
                  is_dane && !judged);
        ExpectWellFormed(verdict);
      }
    }
  }
}

TEST(Failures, WhenAndWhose) {
  const ResultType expired = ResultType::kCertificateExpired;
  const Row rows[] = {
      {"on the first day of the window",
       History::Clean().Fail(kGoogle, -13, expired),
       kNotReady,
       {"no_refused_sessions!"}},
      {"on the day before the window", History::Clean(-20).Fail(kGoogle, -14, expired),
       kReady},
      {"only on the day after the window",
       History::Clean().Fail(kGoogle, 1, expired),
       kNotReady,
       {"no_refused_sessions!"}},
      {"on the day of the question",
       History::Clean().Fail(kGoogle, 2, expired),
       kNotReady,
       {"no_refused_sessions!"}},
      {"a 7-day period that ends on the first window day",
       History::Clean(-20).Fail(kGoogle, -16, expired).Period(-19, -13),
       kNotReady,
       {"no_refused_sessions!"}},
      {"a 7-day period that ends the day before the window",
       History::Clean(-20).Fail(kGoogle, -17, expired).Period(-20, -14), kReady},
      {"a 7-day period whose middle lies in the future",
       History::Clean().Fail(kGoogle, 5, expired).Period(2, 8),
       kNotReady,
       {"no_refused_sessions!"}},
      {"a period wholly in the future",
       History::Clean().Fail(kGoogle, 6, expired).Period(3, 9), kReady},
      {"one of a million: zero, not a percentage",
       History::Clean().Ok(kGoogle, -13, 0, 1000000).Fail(kGoogle, -5, expired),
       kNotReady,
       {"no_refused_sessions!"}},
      {"only in the summary: unexplained",
       History::Clean().Unexplained(kGoogle, -5),
       kNotReady,
       {"no_refused_sessions!"}},
      {"only in the summary, and nobody computed the rest",
       [] {
         History history = History::Clean().Unexplained(kGoogle, -5);
         history.Last().unexplained_sessions = 0;
         return history;
       }(),
       kNotReady,
       {"no_refused_sessions!"}},
      {"an unreadable failure count: unexplained without a summary",
       [] {
         History history = History::Clean().Unexplained(kGoogle, -5);
         history.Last().failure_sessions = 0;
         return history;
       }(),
       kNotReady,
       {"no_refused_sessions!"}},
      {"the details explain only some of it",
       [] {
         History history =
             History::Clean().Fail(kGoogle, -5, ResultType::kStsPolicyFetchError);
         history.Last().failure_sessions = 2;
         return history;
       }(),
       kNotReady,
       {"no_refused_sessions!", "policy_retrievable!"}},
      {"details without a summary (Postfix: another MX took the mail)",
       [=] {
         History history = History::Clean().Fail(kGoogle, -5, expired);
         history.Last().failure_sessions = 0;
         history.Last().success_sessions = 1;
         return history;
       }(),
       kNotReady,
       {"no_refused_sessions!"}},
      {"under a cached text of an older policy: that sender's mail would be refused",
       History::Clean(-13, -10)
           .Testing({"mx0.firm.example"})
           .Fail(kMailRu, -20, expired)
           .Fail(kMailRu, -5, expired)
           .Testing({"mx1.firm.example", "mx2.firm.example"})
           .Ok(kGoogle, -9, 0)
           .Ok(kMicrosoft, -9, 0),
       kNotReady,
       {"no_refused_sessions!"}},
      {"without policy text",
       History::Clean().NoPolicyText().Fail(kGoogle, -5, expired),
       kNotReady,
       {"no_refused_sessions!"}},
      {"unexplained under an unknown policy type",
       History::Clean().Type(PolicyType::kOther).Unexplained(kGoogle, -5),
       kNotReady,
       {"no_refused_sessions!"}},
      {"unexplained under tlsa may be a certificate",
       History::Clean().Type(PolicyType::kTlsa).Unexplained(kGoogle, -5),
       kInsufficient,
       {"failures_at_mx?"}},
      {"unexplained under no-policy-found",
       History::Clean().Type(PolicyType::kNoPolicyFound).Unexplained(kOther, -5),
       kInsufficient,
       {"failures_at_mx?"}},
      {"tlsa filed under the MX host (Postfix, mox)",
       History::Clean()
           .Type(PolicyType::kTlsa)
           .FiledUnder("mx1.firm.example")
           .Fail(kOther, -5, expired),
       kInsufficient,
       {"failures_at_mx?"}},
      {"the MTA-STS policy of an MX host is another one, but the MX is ours",
       History::Clean().FiledUnder("mx1.firm.example").Fail(kGoogle, -5, expired),
       kInsufficient,
       {"failures_at_mx?"}},
      {"and whoever cannot get that policy can get ours",
       History::Clean()
           .FiledUnder("mx1.firm.example")
           .Fail(kGoogle, 0, ResultType::kStsPolicyFetchError, 1000),
       kReady},
      {"at the MX before the window",
       History::Clean(-20).Type(PolicyType::kTlsa).Fail(kGoogle, -14, expired), kReady},
      {"Microsoft's two blocks: both tell of the failure",
       History::Clean()
           .Fail(kMicrosoft, -5, ResultType::kValidationFailure, 2, "")
           .Type(PolicyType::kTlsa)
           .Fail(kMicrosoft, -5, ResultType::kValidationFailure, 2, ""),
       kNotReady,
       {"no_refused_sessions!", "failures_at_mx?"}},
      {"a vouched reporter without a name",
       History::Clean().Fail("", -5, expired),
       kInsufficient,
       {"uncorroborated_failures?"}},
      {"a fail beside unknowns is not_ready",
       History().Fail(kGoogle, -5, expired),
       kNotReady,
       {"testing_long_enough?", "days_covered?", "reporters_seen?", "sessions_seen?",
        "no_refused_sessions!"}},
      {"a counter-example of the design: certificate-expired at every MX, every day, "
       "beside successes",
       [=] {
         History history = History::Clean();
         for (int day = -13; day <= 0; ++day) history.Fail(kGoogle, day, expired, 50);
         return history;
       }(),
       kNotReady,
       {"no_refused_sessions!"}},
      {"the same, live: a failure is a failure",
       History::Clean().Fail(kGoogle, -5, expired),
       kNotReady,
       {"policy_in_testing?", "no_refused_sessions!", "policy_retrievable?",
        "dns_records_valid?", "policy_served?", "mx_hosts_ready?", "id_in_step?"},
       Live()},
  };
  Check(rows);
}

TEST(Failures, OfUnvouchedOnesLeftOutItIsSaid) {
  History history = History::Clean();
  history.Unvouched().Fail(kGoogle, -5, ResultType::kCertificateExpired, 7);
  const std::string all = "Reports that nobody vouches for tell of 7 failed sessions;";
  const std::string some =
      "Reports that nobody vouches for tell of at least 7 failed sessions;";
  const auto sentence = [&] {
    const Verdict verdict = Decide(history, ReportsOnly(), kNow);
    return Find(verdict, "unvouched_failures")->sentence;
  };
  EXPECT_THAT(sentence(), testing::StartsWith(all));
  history.evidence().unvouched_left_out = true;
  EXPECT_THAT(sentence(), testing::StartsWith(some));
}

TEST(Failures, UnvouchedMoveNothing) {
  const ResultType expired = ResultType::kCertificateExpired;
  const Row rows[] = {
      {"an unvouched failure over vouched successes",
       History::Clean().Unvouched().Fail(kGoogle, -5, expired, 1000), kReady},
      {"unvouched successes over a vouched failure",
       History::Clean()
           .Fail(kGoogle, -5, expired)
           .Unvouched()
           .Ok(kGoogle, -13, 0, 1000000),
       kNotReady,
       {"no_refused_sessions!"}},
      {"an unvouched report of enforce",
       History::Clean().Unvouched().Enforce({"mx1.firm.example"}).Ok(kGoogle, -1, 2),
       kReady},
      {"unvouched failures to get the policy",
       History::Clean().Unvouched().Fail(kGoogle, -1, ResultType::kStsPolicyFetchError,
                                         9),
       kReady},
      {"unvouched failures under tlsa",
       History::Clean().Unvouched().Type(PolicyType::kTlsa).Fail(kGoogle, -1, expired),
       kReady},
      {"unvouched, with the name of a counted reporter in the row",
       [=] {
         History history = History::Clean().Unvouched().Fail(kGoogle, -5, expired);
         history.Last().reporter = kGoogle;
         return history;
       }(),
       kReady},
      {"unvouched successes with the name of a counted reporter in the rows",
       [] {
         History history = History().Ok(kGoogle, -13, 0).Unvouched().Ok("", -13, 0);
         for (auto& row : history.evidence().rows) {
           if (!row.vouched) row.reporter = kMicrosoft;
         }
         return history;
       }(),
       kInsufficient,
       {"reporters_seen?"}},
  };
  Check(rows);

  const Verdict verdict = Decide(rows[0].evidence, ReportsOnly(), kNow);
  EXPECT_EQ(Find(verdict, "unvouched_failures")->status, Status::kUnknown);
  EXPECT_EQ(Find(verdict, "unvouched_failures")->severity, Severity::kAdvisory);
  EXPECT_EQ(verdict.replay.refusals, 0);
  EXPECT_EQ(verdict.replay.sessions, 280);
}

TEST(Failures, GettingThePolicy) {
  const ResultType fetch = ResultType::kStsPolicyFetchError;
  const Row rows[] = {
      {"a reporter's latest rows are nothing but fetch errors",
       History::Clean().Fail(kMailRu, -1, fetch),
       kNotReady,
       {"policy_retrievable!"}},
      {"with a success after",
       History::Clean().Fail(kMailRu, -9, fetch).Ok(kMailRu, -8, -8), kReady},
      {"with a success after the window",
       [=] { return History::Clean().Fail(kMailRu, -9, fetch).Ok(kMailRu, 1, 1); }(),
       kReady},
      {"days ago, and nothing of that reporter since",
       History::Clean().Fail(kMailRu, -9, fetch),
       kNotReady,
       {"policy_retrievable!"}},
      {"rows without a session since say nothing of it",
       History::Clean().Fail(kMailRu, -8, fetch).Ok(kMailRu, -7, 1, 0),
       kNotReady,
       {"policy_retrievable!"}},
      {"nor do they on the same day",
       History::Clean().Fail(kMailRu, -8, fetch).Ok(kMailRu, -8, -8, 0),
       kNotReady,
       {"policy_retrievable!"}},
      {"before the window", History::Clean(-20).Fail(kMailRu, -14, fetch), kReady},
      {"the same day has a success, but more than 1 % fail",
       History::Clean().Fail(kMailRu, 0, fetch).Ok(kMailRu, 0, 0, 98),
       kNotReady,
       {"policy_retrievable!"}},
      {"1 % is not more than 1 %",
       History::Clean().Fail(kMailRu, 0, fetch).Ok(kMailRu, 0, 0, 99), kReady},
      {"more than 1 %, but more than 7 days ago",
       History::Clean().Fail(kMailRu, -7, fetch, 5).Ok(kMailRu, 0, 0, 20), kReady},
      {"more than 1 %, 7 days ago, successes since",
       History::Clean().Fail(kMailRu, -6, fetch, 5).Ok(kMailRu, 0, 0, 20),
       kNotReady,
       {"policy_retrievable!"}},
      {"on the day of the question",
       History::Clean().Fail(kMailRu, 2, fetch),
       kNotReady,
       {"policy_retrievable!"}},
      {"a reporter's successes do not excuse another's",
       History::Clean().Ok(kGoogle, -13, 0, 1000000).Fail(kMicrosoft, -3, fetch, 30),
       kNotReady,
       {"policy_retrievable!"}},
      {"under no-policy-found the policy could not be had either",
       History::Clean().Type(PolicyType::kNoPolicyFound).Fail(kMailRu, -1, fetch),
       kNotReady,
       {"policy_retrievable!"}},
      {"a reporter that is not counted",
       History::Clean().Fail(kOther, -1, fetch),
       kInsufficient,
       {"policy_retrievable?"}},
      {"a long report of fetch errors that ends after the last success",
       History::Clean()
           .Ok(kMailRu, -8, -8, 1000)
           .Fail(kMailRu, -9, fetch)
           .Period(-11, -7),
       kNotReady,
       {"policy_retrievable!"}},
      {"a six-day report of fetch errors that ends in the last 7 days",
       History::Clean().Ok(kMailRu, -10, -10).Fail(kMailRu, -9, fetch).Period(-11, -6),
       kNotReady,
       {"policy_retrievable!"}},
  };
  Check(rows);
}

}  // namespace
}  // namespace tlsrpt::api
