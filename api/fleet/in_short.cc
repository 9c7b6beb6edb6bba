#include "api/fleet/in_short.h"

#include "api/readiness/settings.h"

namespace tlsrpt::api {
namespace {

// What stands in the way with `status`.
void AddBlocking(const Verdict& verdict, Status status, store::DomainStatus& short_form) {
  for (const Criterion& criterion : verdict.criteria) {
    if (criterion.severity != Severity::kBlocking || criterion.status != status) continue;
    if (short_form.blocking.empty()) short_form.blocking_sentence = criterion.sentence;
    short_form.blocking.push_back(criterion.id);
  }
}

}  // namespace

store::DomainStatus InShort(const Verdict& verdict) {
  store::DomainStatus short_form;
  short_form.domain = verdict.domain;
  short_form.state = {std::string(NameOf(verdict.kind)),
                      std::string(NameOf(verdict.health)),
                      std::string(NameOf(verdict.confidence))};
  short_form.basis = BasisOf(verdict.live);
  short_form.ruleset = verdict.ruleset;
  short_form.sentence = verdict.sentence;
  // With little mail a domain is ready by other rules than those it falls short of, and
  // nothing stands in the way of one that enforces or has no policy.
  if (verdict.kind == VerdictKind::kNotReady ||
      verdict.kind == VerdictKind::kInsufficientEvidence) {
    AddBlocking(verdict, Status::kFail, short_form);
    AddBlocking(verdict, Status::kUnknown, short_form);
  }
  short_form.earliest_ready = verdict.earliest_ready.day;
  short_form.evaluated_at = verdict.as_of;
  short_form.evaluated_for = verdict.window.last_day;
  return short_form;
}

}  // namespace tlsrpt::api
