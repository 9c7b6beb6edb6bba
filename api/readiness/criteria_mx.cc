// Row `mx_hosts_ready`: would each MX take mail from a sender under enforce today?

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "api/readiness/criteria.h"
#include "api/readiness/format.h"

namespace tlsrpt::api {
namespace {

using store::LookupState;
using store::ProbeOutcome;

struct Host {
  std::int64_t passed = 0;
  std::vector<Finding> failed;
  std::vector<Finding> open;
  bool dead = true;  // nobody listens at any of its addresses
};

Host HostOf(const Case& c, const std::string& mx) {
  Host host;
  for (Finding& finding : c.view.FindingsAt(mx)) {
    if (finding.look == Look::kPass) {
      ++host.passed;
    } else {
      (finding.look == Look::kFail ? host.failed : host.open)
          .push_back(std::move(finding));
    }
  }
  for (const store::MxAddressProbe& probe : c.view.mx()->addresses) {
    if (probe.mx == mx && probe.outcome != ProbeOutcome::kRefused &&
        probe.outcome != ProbeOutcome::kNoAddress) {
      host.dead = false;
    }
  }
  return host;
}

// Whether a vouched report names a failure at this MX.
bool IsReported(const Case& c, const std::string& mx) {
  const FailureSum sum = c.Sum(c.vouched, c.window_and_since,
                               [&](const store::EvidenceRow&, const Failure& failure) {
                                 return failure.mx == mx &&
                                        failure.standing == Standing::kOpen &&
                                        failure.meaning != Meaning::kRetrieval;
                               });
  return !sum.empty();
}

std::string ProblemsText(const std::string& mx, const std::vector<Finding>& findings) {
  std::vector<std::string> problems;
  for (const Finding& finding : findings) problems.push_back(finding.problem);
  return mx + (problems.empty() ? "" : " (" + ListText(problems) + ")");
}

void Want(std::vector<std::string>& todo, const std::string& remedy) {
  if (std::find(todo.begin(), todo.end(), remedy) == todo.end()) todo.push_back(remedy);
}

}  // namespace

Criterion MxHostsReady(const Case& c) {
  const std::string& domain = c.evidence.domain;
  Criterion answer = NewLiveCriterion(
      c, "mx_hosts_ready",
      "whether every address of every MX offers TLS with a valid certificate",
      c.view.mx() != nullptr);
  if (!answer.sentence.empty()) return answer;
  const store::MxLookup& lookup = c.view.mx()->mx;
  answer.evidence = LookReferences({c.view.mx()}, domain);
  if (lookup.state != LookupState::kFound) {
    const bool wrong =
        lookup.state == LookupState::kAbsent || lookup.state == LookupState::kBogus;
    answer.status = wrong ? Status::kFail : Status::kUnknown;
    answer.sentence = "The MX records could not be looked up (" +
                      std::string(NameOf(lookup.state)) +
                      (lookup.problem.empty() ? "" : ": " + lookup.problem) + ").";
    answer.remedy =
        "See that every name server of the zone answers for the MX of " + domain + ".";
    return answer;
  }

  std::vector<std::string> failed;
  std::vector<std::string> open;
  std::vector<std::string> todo;
  std::vector<std::string> todo_open;
  std::int64_t passed = 0;
  for (const store::MxHost& mx : lookup.hosts) {
    const std::string name = mx.name.empty() ? "the null MX" : mx.name;
    const Host host = HostOf(c, mx.name);
    const bool silent = host.passed == 0;
    if (!host.failed.empty()) {
      failed.push_back(ProblemsText(name, host.failed));
      for (const Finding& finding : host.failed) Want(todo, finding.remedy);
    } else if (silent && host.dead && !host.open.empty() && IsReported(c, mx.name)) {
      failed.push_back(ProblemsText(name, host.open) + ", and reports name it");
      for (const Finding& finding : host.open) Want(todo, finding.remedy);
    } else if (silent || (!host.open.empty() && IsReported(c, mx.name))) {
      // One address that passes speaks for those that do not answer here, unless reports
      // say otherwise.
      open.push_back(ProblemsText(name, host.open));
      for (const Finding& finding : host.open) Want(todo_open, finding.remedy);
      if (host.open.empty())
        Want(todo_open, "Wait for a look that reaches " + name + ".");
    } else {
      ++passed;
    }
  }
  answer.numbers = {
      {"mx_hosts", static_cast<std::int64_t>(lookup.hosts.size())},
      {"passed", passed},
      {"failed", static_cast<std::int64_t>(failed.size())},
      {"unknown", static_cast<std::int64_t>(open.size())},
      {"addresses", static_cast<std::int64_t>(c.view.mx()->addresses.size())}};
  if (!failed.empty()) {
    answer.status = Status::kFail;
    answer.sentence =
        "A sender under enforce would not deliver at " + ListText(failed) + ".";
    answer.remedy = JoinSentences(todo);
  } else if (!open.empty()) {
    answer.sentence = "Not known from here: " + ListText(open) + ".";
    answer.remedy = JoinSentences(todo_open);
  } else if (lookup.hosts.empty()) {
    answer.sentence = "The domain has no MX.";
    answer.remedy = "Publish the MX records of " + domain + ".";
  } else {
    answer.status = Status::kPass;
    answer.sentence = "Every MX (" + std::to_string(passed) +
                      ") offers TLS with a valid certificate for its name.";
  }
  return answer;
}

}  // namespace tlsrpt::api
