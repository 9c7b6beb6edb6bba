#include "api/readiness/plan.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "api/readiness/format.h"
#include "store/model/domain_name.h"
#include "store/model/sts_policy.h"
#include "store/model/sts_record.h"

namespace tlsrpt::api {
namespace {

using std::chrono::days;
using std::chrono::seconds;
using store::PolicyMode;
using store::StsPolicy;

constexpr seconds kDay{86400};

// How long senders may hold the policy: short while it is new, since that is how long
// the way back takes; RFC 8461, 3.2 wants weeks in the end.
struct Stage {
  int after_days;
  seconds max_age;
};
constexpr std::array<Stage, 3> kRamp = {{{0, kDay}, {7, 7 * kDay}, {14, 14 * kDay}}};
constexpr int kWatchDays = 14;

// The patterns to go on with: those served, else those that the newest reports share.
std::vector<std::string> PatternsOf(const Case& c) {
  if (c.view.served()) return c.view.served()->mx;
  std::vector<std::string> patterns;
  for (const std::string& mx : c.policy.mx()) {
    const auto pattern = store::NormaliseMxPattern(mx);
    if (!pattern) return {};  // a text nobody should copy
    patterns.push_back(*pattern);
  }
  return patterns;
}

std::optional<std::string> IdInUse(const Case& c) {
  if (c.view.mta_sts() == nullptr) return std::nullopt;
  const auto record = store::StsRecordOf(c.view.mta_sts()->mta_sts.records);
  return record ? std::optional(record->id) : std::nullopt;
}

// "20261123T100000Z": sorts by time, and is letters and digits (RFC 8461, 3.1).
std::string IdAt(TimePoint time) {
  std::string id;
  for (const char ch : TimeText(time)) {
    if (ch != '-' && ch != ':') id += ch;
  }
  return id;
}

std::string FreshId(const Case& c) {
  std::string id = IdAt(c.asked_at);
  if (IdInUse(c) == id) id += "1";
  return id;
}

std::string RecordOf(const std::string& id) { return "v=STSv1; id=" + id + ";"; }

std::string SpanText(seconds span) {
  const auto whole = std::chrono::duration_cast<days>(span);
  return whole.count() > 0 && whole == span ? Counted(whole.count(), "day")
                                            : Counted(span.count(), "second");
}

// The file first, then the record: a sender that sees the new id must find the new file
// (RFC 8461, 8.1).
void AddPublishing(std::vector<PlanStep>& steps, const Plan& plan,
                   const std::string& file, const std::string& record,
                   const std::string& purpose) {
  steps.push_back(
      {"Serve the policy file" + purpose,
       "Put this into " + plan.policy_url + ", on every server that answers for it.",
       file,
       "curl -si " + plan.policy_url +
           " answers 200, text/plain and exactly this, from inside and outside."});
  steps.push_back(
      {"Then change the record",
       "Once the file is served everywhere, set the TXT record of " + plan.txt_name + ".",
       record,
       "dig +short TXT " + plan.txt_name +
           " gives exactly this one record at every name server of the zone."});
}

// The longest that any sender may hold a policy of mode enforce, as far as was seen.
std::optional<seconds> LongestEnforced(const Case& c) {
  std::optional<seconds> longest;
  const auto see = [&](seconds max_age) {
    if (!longest || *longest < max_age) longest = max_age;
  };
  for (const store::EvidenceRow* row : c.vouched) {
    if (!c.IsOwn(*row) || !row->policy_hash) continue;
    const auto text = c.evidence.policy_texts.find(*row->policy_hash);
    if (text == c.evidence.policy_texts.end()) continue;
    if (text->second.mode == PolicyMode::kEnforce && text->second.max_age) {
      see(*text->second.max_age);
    }
  }
  for (const store::Observation* look : c.view.all()) {
    const auto policy = store::ParseStsPolicy(look->policy.body);
    if (policy && policy->mode == PolicyMode::kEnforce) see(policy->max_age);
  }
  return longest;
}

void AddRollback(Plan& plan, const Case& c, const std::vector<std::string>& mx,
                 std::optional<seconds> longest) {
  Rollback& back = plan.rollback;
  back.policy_file = store::ToText(StsPolicy{PolicyMode::kTesting, kDay, mx});
  back.txt_record =
      RecordOf(plan.kind == PlanKind::kRollback ? plan.id : IdAt(c.asked_at + days{1}));
  AddPublishing(back.steps, plan, back.policy_file, back.txt_record,
                " in mode: testing again");
  back.steps.push_back({"Delete nothing",
                        "Keep record, file and policy host: a sender that finds none "
                        "goes on enforcing the policy it holds.",
                        "", "The reports of the next days name mode: testing."});
  back.sentence =
      "Senders that honour RFC 8461, 5.1 look for a newer policy before they give up a "
      "message, so most mail flows again within the TTL of the record";
  if (c.view.mta_sts() != nullptr && c.view.mta_sts()->mta_sts.ttl.count() > 0) {
    back.sentence +=
        " (" + Counted(c.view.mta_sts()->mta_sts.ttl.count(), "second") + ")";
  }
  back.sentence +=
      "; the worst case is the time of publishing + the largest max_age "
      "served under enforce";
  if (longest) {
    back.worst_case = *longest;
    back.sentence += ", " + SpanText(*longest);
    if (plan.kind == PlanKind::kRollback) {
      back.sentence += ": published now, " + TimeText(c.asked_at + *longest);
    }
  } else {
    back.worst_case = store::kMaxMaxAge;
    back.sentence += ", which nobody saw: a year at most";
  }
  back.sentence += ".";
}

}  // namespace

std::optional<Plan> PlanOf(const Case& c, const Verdict& verdict) {
  const bool ready = verdict.kind == VerdictKind::kReady;
  const bool at_risk =
      verdict.kind == VerdictKind::kEnforcing && verdict.health == Health::kAtRisk;
  if (!ready && !at_risk) return std::nullopt;
  const std::vector<std::string> mx = PatternsOf(c);
  if (mx.empty()) return std::nullopt;

  Plan plan;
  plan.kind = ready ? PlanKind::kEnforce : PlanKind::kRollback;
  plan.policy_url = "https://mta-sts." + c.evidence.domain + "/.well-known/mta-sts.txt";
  plan.txt_name = "_mta-sts." + c.evidence.domain;
  plan.id = FreshId(c);
  plan.from_reports = !c.view.served();
  if (at_risk) {
    AddRollback(plan, c, mx, LongestEnforced(c));
    return plan;
  }

  plan.policy_file = store::ToText(StsPolicy{PolicyMode::kEnforce, kDay, mx});
  plan.txt_record = RecordOf(plan.id);
  AddPublishing(plan.steps, plan, plan.policy_file, plan.txt_record, " in mode: enforce");
  if (plan.from_reports) {
    plan.steps.front().instruction +=
        " The mx lines are those that reports name: they must be those of the file you "
        "serve now.";
  }
  plan.steps.push_back({"Watch for " + Counted(kWatchDays, "day"),
                        "Ask `tlsrptd readiness " + c.evidence.domain +
                            "` every day; go back (below) at the first refused session.",
                        "", "The answer stays `enforcing`, health ok (exit status 4)."});
  for (const Stage& stage : kRamp) {
    if (stage.after_days == 0) continue;
    plan.steps.push_back(
        {"After " + Counted(stage.after_days, "clean day") + ": hold it for " +
             SpanText(stage.max_age),
         "Serve the file with the longer max_age, then set the record with a fresh id, "
         "such as the time then.",
         store::ToText(StsPolicy{PolicyMode::kEnforce, stage.max_age, mx}),
         "curl and dig as before; from here the way back takes up to " +
             SpanText(stage.max_age) + "."});
  }
  AddRollback(plan, c, mx, kRamp.back().max_age);
  return plan;
}

}  // namespace tlsrpt::api
