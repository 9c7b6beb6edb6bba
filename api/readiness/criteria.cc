#include "api/readiness/criteria.h"

#include <set>
#include <utility>

#include "api/readiness/format.h"

namespace tlsrpt::api {

Criterion NewCriterion(std::string id, Severity severity) {
  Criterion criterion;
  criterion.id = std::move(id);
  criterion.severity = severity;
  return criterion;
}

Criterion NewLiveCriterion(const Case& c, std::string id, const std::string& what,
                           bool looked) {
  Criterion answer = NewCriterion(std::move(id));
  if (!c.settings.live) {
    answer.status = Status::kOff;
    answer.sentence = "Not asked (reports only): " + what + ".";
  } else if (!looked) {
    answer.sentence = "Not observed lately: " + what + ".";
    answer.remedy = NoObservationRemedy(c);
  }
  return answer;
}

std::string NoObservationRemedy(const Case& c) {
  return (c.view.all().empty()
              ? "Nobody has looked at the live domain " + c.evidence.domain +
                    ", and this version does not look itself."
              : "The last look at the live domain " + c.evidence.domain + " was " +
                    TimeText(c.view.all().back()->observed_at) +
                    " and does not say it. Wait for the next look.") +
         " What the reports alone say is asked for with --reports-only (live=false).";
}

std::vector<std::string> LookReferences(
    const std::vector<const store::Observation*>& looks, const std::string& domain) {
  std::set<std::string> references;
  for (const store::Observation* look : looks) {
    if (look != nullptr) references.insert(ReferenceTo(*look, domain));
  }
  return {references.rbegin(), references.rend()};
}

}  // namespace tlsrpt::api
