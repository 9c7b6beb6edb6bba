// Rows that only a look at the live domain can answer: `dns_records_valid`,
// `policy_served`, `mx_hosts_ready`, `id_in_step`. No observation exists yet, so each is
// a blocking unknown, or off where the question is about reports alone.

#include <string>
#include <utility>

#include "api/readiness/criteria.h"

namespace tlsrpt::api {
namespace {

Criterion NotObserved(const Case& c, std::string id, const std::string& what) {
  Criterion answer = NewCriterion(std::move(id));
  if (!c.settings.live) {
    answer.status = Status::kOff;
    answer.sentence = "Not asked (reports only): " + what + ".";
    return answer;
  }
  answer.sentence = "Not observed yet: " + what + ".";
  answer.remedy = NoObservationRemedy(c);
  return answer;
}

}  // namespace

std::string NoObservationRemedy(const Case& c) {
  return "No observation of the live domain " + c.evidence.domain +
         " exists yet, so nobody can say. Ask with --reports-only (live=false) for what "
         "the reports alone say.";
}

Criterion DnsRecordsValid(const Case& c) {
  return NotObserved(c, "dns_records_valid",
                     "whether the _mta-sts and _smtp._tls records are valid");
}

Criterion PolicyServed(const Case& c) {
  return NotObserved(c, "policy_served",
                     "whether the policy file is served as RFC 8461, 3.3 wants it and "
                     "covers every MX");
}

Criterion MxHostsReady(const Case& c) {
  return NotObserved(c, "mx_hosts_ready",
                     "whether every address of every MX offers TLS with a valid "
                     "certificate");
}

Criterion IdInStep(const Case& c) {
  return NotObserved(c, "id_in_step",
                     "whether the id in the _mta-sts record changed with the policy");
}

}  // namespace tlsrpt::api
