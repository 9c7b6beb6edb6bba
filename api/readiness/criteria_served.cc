// Rows `policy_served` and `id_in_step`: do senders get the right policy, and do they
// learn of a new one?

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "api/readiness/criteria.h"
#include "api/readiness/format.h"
#include "base/text.h"
#include "store/model/domain_name.h"
#include "store/model/sts_record.h"

namespace tlsrpt::api {
namespace {

using store::FetchOutcome;
using store::LookupState;
using store::Observation;

bool IsTextPlain(const std::string& content_type) {
  return EqualsIgnoreCase(Trim(content_type.substr(0, content_type.find(';'))),
                          "text/plain");
}

std::vector<std::string> Unmatched(const Observation& look,
                                   const std::vector<std::string>& patterns) {
  std::vector<std::string> unmatched;
  for (const store::MxHost& host : look.mx.hosts) {
    const bool matched =
        std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
          return store::MatchesMxPattern(host.name, pattern);
        });
    if (!matched) unmatched.push_back(host.name.empty() ? "the null MX" : host.name);
  }
  return unmatched;
}

// What a sender would notice of a body: not its blanks, not the order of its lines.
std::string BodyKey(const std::string& body) {
  const auto policy = store::ParseStsPolicy(body);
  if (!policy) return body;
  store::StsPolicy sorted = *policy;
  std::sort(sorted.mx.begin(), sorted.mx.end());
  return store::ToText(sorted);
}

// One look at which both the id and the body were there to see.
struct Step {
  const Observation* look;
  std::string id;
  std::string body;
};

std::vector<Step> StepsOf(const LiveView& view) {
  std::vector<Step> steps;
  for (const Observation* look : view.all()) {
    if (look->mta_sts.state != LookupState::kFound ||
        look->policy.outcome != FetchOutcome::kAnswered || look->policy.status != 200) {
      continue;
    }
    const auto record = store::StsRecordOf(look->mta_sts.records);
    if (record) steps.push_back({look, record->id, BodyKey(look->policy.body)});
  }
  return steps;
}

}  // namespace

Criterion PolicyServed(const Case& c) {
  const std::string& domain = c.evidence.domain;
  Criterion answer = NewLiveCriterion(
      c, "policy_served",
      "whether the policy file is served as RFC 8461, 3.3 wants it and covers every MX",
      c.view.policy() != nullptr);
  if (!answer.sentence.empty()) return answer;
  const store::PolicyFetch& fetch = c.view.policy()->policy;
  answer.evidence = LookReferences({c.view.policy(), c.view.mx()}, domain);

  const Finding finding = JudgeFetch(fetch, c.now, domain);
  if (finding.look != Look::kPass) {
    answer.status = finding.look == Look::kFail ? Status::kFail : Status::kUnknown;
    answer.sentence = "Senders do not get the policy: " + finding.problem + ".";
    answer.remedy = finding.remedy;
    return answer;
  }
  if (!IsTextPlain(fetch.content_type)) {
    answer.status = Status::kFail;
    answer.sentence = "The policy is served as " +
                      (fetch.content_type.empty() ? "no media type at all"
                                                  : "\"" + fetch.content_type + "\"") +
                      ", and not as text/plain.";
    answer.remedy =
        "Let the web server say Content-Type: text/plain for mta-sts.txt (RFC 8461, "
        "3.2); some senders take nothing else.";
    return answer;
  }
  if (c.view.mx() == nullptr || c.view.mx()->mx.state != LookupState::kFound) {
    answer.sentence =
        "The policy is served, but the MX records could not be looked up, so nobody can "
        "say whether it covers them.";
    answer.remedy = "See that every name server of the zone answers, and look again.";
    return answer;
  }
  const auto& patterns = c.view.served()->mx;
  const auto unmatched = Unmatched(*c.view.mx(), patterns);
  answer.numbers = {{"mx_hosts", static_cast<std::int64_t>(c.view.mx()->mx.hosts.size())},
                    {"mx_unmatched", static_cast<std::int64_t>(unmatched.size())},
                    {"max_age", c.view.served()->max_age.count()}};
  if (!unmatched.empty() && c.view.served()->mode != store::PolicyMode::kNone) {
    answer.status = Status::kFail;
    answer.sentence = "No mx line of the policy covers " + ListText(unmatched) + ".";
    answer.remedy = "Add \"mx: " + unmatched.front() +
                    "\" to the policy file and a fresh id to the _mta-sts record, or "
                    "remove the MX record; \"*.\" stands for one label only (RFC 8461, "
                    "4.1).";
    return answer;
  }
  answer.status = Status::kPass;
  answer.sentence =
      "The policy (mode: " + std::string(store::NameOf(c.view.served()->mode)) +
      ") is served as it should be and covers every MX.";
  return answer;
}

Criterion IdInStep(const Case& c) {
  const std::vector<Step> steps = StepsOf(c.view);
  const bool fresh = !steps.empty() && c.now - steps.back().look->observed_at <=
                                           c.settings.max_observation_age;
  Criterion answer = NewLiveCriterion(
      c, "id_in_step", "whether the id in the _mta-sts record changed with the policy",
      fresh);
  if (!answer.sentence.empty()) return answer;

  // The looks since the id was last changed.
  const Step& now = steps.back();
  std::size_t first = steps.size() - 1;
  while (first > 0 && steps[first - 1].id == now.id) --first;
  std::optional<std::size_t> changed;  // the first look that saw the last new body
  for (std::size_t i = first + 1; i < steps.size(); ++i) {
    if (steps[i].body != steps[i - 1].body) changed = i;
  }
  answer.numbers = {{"looks", static_cast<std::int64_t>(steps.size() - first)}};
  if (!changed) {
    answer.status = Status::kPass;
    answer.evidence = LookReferences({now.look}, c.evidence.domain);
    answer.sentence = "The policy did not change under its id " + now.id + ".";
    if (first > 0 && steps[first - 1].body == now.body) {
      answer.sentence +=
          " The id changed and the policy did not, which only makes senders fetch it "
          "again.";
    }
    return answer;
  }
  const Observation& seen = *steps[*changed].look;
  const auto due = seen.observed_at + seen.mta_sts.ttl + c.settings.id_slack;
  answer.evidence = LookReferences({now.look, &seen}, c.evidence.domain);
  const bool late = now.look->observed_at >= due;
  answer.status = late ? Status::kFail : Status::kUnknown;
  answer.sentence = "The policy changed (seen " + TimeText(seen.observed_at) +
                    ") and the id is still " + now.id +
                    ", so senders keep the policy they have.";
  answer.remedy = "Give the TXT record at _mta-sts." + c.evidence.domain + " a fresh id" +
                  (late ? "." : " by " + TimeText(due) + ".");
  return answer;
}

}  // namespace tlsrpt::api
