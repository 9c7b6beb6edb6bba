#include "api/readiness/failures.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "api/readiness/check_command.h"
#include "api/readiness/format.h"

namespace tlsrpt::api {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using store::PolicyType;
using store::ResultType;

// Remedies for more kinds of failure than this are a page, not a sentence.
constexpr std::size_t kMaxRemedies = 4;

Meaning MeaningOf(const store::EvidenceRow& row, ResultType type,
                  std::string_view domain) {
  if (store::IsPolicyRetrieval(type)) return Meaning::kRetrieval;
  // DANE types under `sts` included: the sender says it is the STS session that failed.
  if (row.filed_under == domain &&
      (row.policy_type == PolicyType::kSts || row.policy_type == PolicyType::kOther)) {
    return Meaning::kRefused;
  }
  switch (type) {
    case ResultType::kTlsaInvalid:
    case ResultType::kDnssecInvalid:
    case ResultType::kDaneRequired:
      return Meaning::kDane;
    default:
      // Unknown and unexplained ones too: what cannot be read may be a certificate.
      return Meaning::kMxSuspect;
  }
}

std::vector<std::pair<std::string, std::int64_t>> LargestFirst(
    const std::map<std::string, std::int64_t>& counts) {
  std::vector<std::pair<std::string, std::int64_t>> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return sorted;
}

std::string RemedyForKind(const Failure& failure) {
  const std::string mx = failure.mx.empty() ? "each of your MX hosts" : failure.mx;
  const std::string check = CheckCommand(failure.mx);
  switch (failure.type) {
    case ResultType::kStarttlsNotSupported:
      return "Make " + mx +
             " offer STARTTLS on port 25 to every sender, and look for a "
             "firewall or proxy that strips it" +
             check + ".";
    case ResultType::kCertificateHostMismatch:
      return "Give " + mx +
             " a certificate that names the MX host as it stands in DNS, "
             "and check that an mx line of the policy matches it" +
             check + ".";
    case ResultType::kCertificateExpired:
      return "Renew the certificate of " + mx +
             ", reload the mail server, and see that "
             "renewal runs by itself" +
             check + ".";
    case ResultType::kCertificateNotTrusted:
      return "Let " + mx + " present a certificate of a public CA with its whole chain" +
             check + ".";
    case ResultType::kValidationFailure:
      return "Compare the MX records with the mx lines of the policy, and look at name, "
             "chain and expiry of the certificate of " +
             mx + check + "." +
             (failure.reason.empty() ? ""
                                     : " The reporter's reason: " + failure.reason + ".");
    case ResultType::kTlsaInvalid:
    case ResultType::kDnssecInvalid:
    case ResultType::kDaneRequired:
      return "Check the TLSA records of " + mx +
             " (_25._tcp) against its certificate, and "
             "the DNSSEC signatures of the zone.";
    case ResultType::kUnexplained:
      return "The summary of the report counts failures that none of its details "
             "explains: read the report, look for TLS errors in the mail log of those "
             "days, and ask the reporter.";
    case ResultType::kStsPolicyFetchError:
      return "Make https://mta-sts.<domain>/.well-known/mta-sts.txt answer 200 to "
             "everybody, without a redirect, within seconds.";
    case ResultType::kStsPolicyInvalid:
      return "Correct the policy file: version, mode, max_age and one mx line for each "
             "host, served as text/plain (RFC 8461, 3.2).";
    case ResultType::kStsWebpkiInvalid:
      return "Give the policy host mta-sts.<domain> a valid certificate of a public CA "
             "that "
             "names it.";
    case ResultType::kOther:
      break;
  }
  return "Result type \"" + failure.type_name +
         "\" is none of RFC 8460's: read the report, "
         "look at " +
         mx + ", and ask the reporter what it means.";
}

}  // namespace

std::vector<Failure> FailuresOf(const store::EvidenceRow& row, std::string_view domain) {
  std::vector<Failure> failures;
  std::int64_t explained = 0;
  for (const store::FailureGroup& group : row.failures) {
    if (group.failed_sessions <= 0) continue;
    // The policy of an MX host is another one than that of the domain.
    if (row.filed_under != domain && store::IsPolicyRetrieval(group.result_type)) {
      explained += group.failed_sessions;
      continue;
    }
    Failure failure;
    failure.type = group.result_type;
    failure.type_name =
        group.result_type == ResultType::kOther && !group.result_type_text.empty()
            ? group.result_type_text
            : std::string(store::NameOf(group.result_type));
    failure.mx = group.receiving_mx;
    failure.reason = group.reason;
    failure.sessions = group.failed_sessions;
    failure.meaning = MeaningOf(row, group.result_type, domain);
    explained += group.failed_sessions;
    failures.push_back(std::move(failure));
  }
  // The stored number and our own subtraction should agree; the larger one is safe.
  const std::int64_t unexplained =
      std::max(row.unexplained_sessions, row.failure_sessions - explained);
  if (unexplained > 0) {
    Failure failure;
    failure.type = ResultType::kUnexplained;
    failure.type_name = store::NameOf(ResultType::kUnexplained);
    failure.sessions = unexplained;
    failure.meaning = MeaningOf(row, ResultType::kUnexplained, domain);
    failures.push_back(std::move(failure));
  }
  return failures;
}

std::int64_t SessionsOf(const std::vector<Failure>& failures, Meaning meaning) {
  std::int64_t sum = 0;
  for (const Failure& failure : failures) {
    if (failure.meaning == meaning) sum += failure.sessions;
  }
  return sum;
}

std::set<sys_days> DaysAgainst(const store::EvidenceRow& row, const Window& within) {
  std::set<sys_days> against;
  const sys_days first = std::max(std::min(row.first_day, row.day), within.first_day);
  const sys_days last = std::min(std::max(row.last_day, row.day), within.last_day);
  for (sys_days day = first; day <= last; day += days{1}) against.insert(day);
  return against;
}

void FailureSum::Add(const store::EvidenceRow& row, const Failure& failure,
                     const std::set<sys_days>& against) {
  if (against.empty() || failure.sessions <= 0) return;
  sessions += failure.sessions;
  by_reporter[row.reporter] += failure.sessions;
  by_mx[failure.mx] += failure.sessions;
  by_type[failure.type_name] += failure.sessions;
  for (const sys_days day : against) by_day[day] += failure.sessions;
  Failure& kind = kinds[{failure.type_name, failure.mx}];
  const std::int64_t so_far = kind.sessions;
  // Of several reasons the first in the alphabet, so that the order of rows is no matter.
  const bool first = so_far == 0;
  const std::string reason = first || kind.reason.empty() ? failure.reason
                             : failure.reason.empty()
                                 ? kind.reason
                                 : std::min(kind.reason, failure.reason);
  kind = failure;
  kind.reason = reason;
  kind.sessions = so_far + failure.sessions;
  rows.insert(&row);
}

std::set<sys_days> FailureSum::Days() const {
  std::set<sys_days> all;
  for (const auto& [day, count] : by_day) all.insert(day);
  return all;
}

std::string FailureSum::Describe() const {
  std::vector<std::string> who;
  for (const auto& [reporter, count] : LargestFirst(by_reporter)) {
    who.push_back(ReporterText(reporter) + " " + CountText(count));
  }
  std::vector<std::string> what;
  for (const auto& [key, failure] : kinds) {
    what.push_back(key.first + (key.second.empty() ? "" : " at " + key.second));
  }
  return ListText(who) + "; " + ListText(what) + "; " + DaysText(Days());
}

std::string RemedyFor(const FailureSum& sum) {
  std::vector<const Failure*> kinds;
  for (const auto& [key, failure] : sum.kinds) kinds.push_back(&failure);
  std::stable_sort(kinds.begin(), kinds.end(), [](const Failure* a, const Failure* b) {
    return a->sessions > b->sessions;
  });
  std::string text;
  std::set<std::string> said;
  for (const Failure* kind : kinds) {
    const std::string remedy = RemedyForKind(*kind);
    if (said.size() == kMaxRemedies || !said.insert(remedy).second) continue;
    if (!text.empty()) text += " ";
    text += remedy;
  }
  return text;
}

std::string ReporterText(const std::string& reporter) {
  return reporter.empty() ? "(unnamed)" : reporter;
}

std::string MxText(const std::string& mx) { return mx.empty() ? "(no MX named)" : mx; }

}  // namespace tlsrpt::api
