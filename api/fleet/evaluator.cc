#include "api/fleet/evaluator.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "api/fleet/ask.h"
#include "api/fleet/in_short.h"
#include "api/fleet/schedule.h"
#include "api/readiness/decide.h"
#include "api/readiness/settings.h"
#include "api/readiness/settings_json.h"
#include "base/text.h"
#include "store/model/evidence_filter.h"
#include "store/queries/fleet.h"

namespace tlsrpt::api {
namespace {

// So many domains are in hand at once. A domain in hand is not listed as ready, and at a
// stop those that were not reached are given back.
constexpr std::int64_t kBatch = 20;
// A batch takes a tenth of a second; a domain whose evaluator has died waits so long.
constexpr std::chrono::seconds kLease{60};
// After a failure: a minute for each, up to a quarter of an hour.
constexpr std::chrono::seconds kFirstBackOff{60};
constexpr int kMostBackOffs = 15;
// Who is without a status is found by looking at every domain. Whoever adds one asks for
// its evaluation, so this is for what else may happen: a database that was set back.
constexpr std::chrono::minutes kLookForMissing{10};

// A label of metrics: a closed list.
std::string_view WordOf(const store::DomainState& state) {
  if (state.verdict.empty()) return "none";
  return state.health == "at_risk" ? "at_risk" : std::string_view(state.verdict);
}

std::string TextOf(const store::DomainState& state) {
  std::string text = state.verdict;
  if (!state.health.empty()) text += "/" + state.health;
  if (!state.confidence.empty()) text += "/" + state.confidence;
  return text.empty() ? "none" : text;
}

}  // namespace

Evaluator::Evaluator(EvaluatorOptions options, EvaluatorParts parts)
    : options_(std::move(options)), parts_(std::move(parts)) {}
Evaluator::~Evaluator() = default;

Result<void> Evaluator::Connect() {
  if (connection_ != nullptr && !connection_->IsBroken()) return {};
  connection_.reset();
  auto opened = parts_.connect();
  if (!opened) return std::move(opened).error();
  connection_ = *std::move(opened);
  return {};
}

// Domains whose time has come, and those that nobody asked for; how many.
store::PgResult<std::int64_t> Evaluator::MakeWork() {
  const TimePoint now = parts_.clock.Now();
  auto due = store::RequestDue(*connection_, now, kBatch);
  if (!due || *due > 0) return due;
  if (missing_looked_for_at_ && now - *missing_looked_for_at_ < kLookForMissing) {
    return due;
  }
  auto missing = store::RequestMissing(*connection_, now + store::kClockSkew, kBatch);
  // Where there are some there may be more.
  if (missing && *missing == 0) missing_looked_for_at_ = now;
  return missing;
}

store::PgResult<std::vector<store::WorkItem>> Evaluator::Take() {
  return store::TakeSomeWork(*connection_, store::kWorkEvaluate, options_.holder, kLease,
                             kBatch);
}

Result<int> Evaluator::DoSome() {
  if (stopping_) return 0;
  if (auto connected = Connect(); !connected) return std::move(connected).error();
  if (!rules_compared_) {
    const auto compared = store::RequestWhereRulesDiffer(*connection_, kRuleset,
                                                         BasisOf(options_.rules.live));
    if (!compared) return compared.error().error;
    rules_compared_ = true;
  }
  auto items = Take();
  if (items && items->empty()) {
    const auto made = MakeWork();
    if (!made) return made.error().error;
    if (*made > 0) items = Take();
  }
  if (!items) return std::move(items).error().error;
  for (const store::WorkItem& item : *items) {
    if (stopping_) {
      const auto back = store::GiveBackWork(*connection_, item, options_.holder,
                                            std::chrono::seconds(0), false);
      if (!back) return back.error().error;
      continue;
    }
    store::PgResult<void> done;
    try {
      done = Do(item);
    } catch (const std::exception& e) {
      done = store::PgError{
          Error{ErrorKind::kInternal, e.what()}, {}, store::PgFailure::kOther};
    }
    if (done) continue;
    if (connection_->IsBroken()) return done.error().error;
    parts_.log.Write(Event::kWorkFailed, {{"kind", item.kind},
                                          {"domain", item.domain},
                                          {"what", done.error().error.message}});
    const auto back = store::GiveBackWork(
        *connection_, item, options_.holder,
        kFirstBackOff * std::clamp(item.attempts, 1, kMostBackOffs), false);
    if (!back) return back.error().error;
  }
  return static_cast<int>(items->size());
}

// A lease that has ended is no error: somebody else does it.
store::PgResult<void> Evaluator::Do(const store::WorkItem& item) {
  if (item.domain.empty()) {
    const auto requested = store::RequestAll(*connection_, item, options_.holder);
    return requested ? store::PgResult<void>() : requested.error();
  }
  const auto found = store::ReadDomain(*connection_, item.domain);
  if (!found) return found.error();
  if (!*found || item.domain.starts_with('.')) {
    const auto dropped = store::DropStatus(*connection_, item, options_.holder);
    return dropped ? store::PgResult<void>() : dropped.error();
  }
  return Evaluate(item, **found);
}

store::PgResult<void> Evaluator::Evaluate(const store::WorkItem& item,
                                          const store::OneDomain& domain) {
  const TimePoint now = parts_.clock.Now();
  auto basis = ReadBasis(*connection_, AboutNow(domain, now), options_.rules);
  if (!basis) return std::move(basis).error();
  basis->evidence.intake.nodes.clear();  // what is in quarantine stays
  store::DomainStatus status = InShort(Decide(basis->evidence, basis->rules, now, now));
  status.next_evaluation =
      NextEvaluation(basis->evidence, basis->rules, now, options_.spread);
  status.evidence_digest = store::EvidenceDigest(basis->evidence);
  const auto written = store::WriteStatus(*connection_, item, options_.holder,
                                          std::move(status), SettingsJson(basis->rules));
  if (!written) return written.error();
  if (!written->in_time) return {};
  parts_.metrics.Add(Metric::kEvaluations, {});
  if (written->change) Tell(item.domain, *written->change);
  return {};
}

void Evaluator::Tell(const std::string& domain, const store::StateChange& change) {
  const store::DomainState before = change.before.value_or(store::DomainState{});
  parts_.metrics.Add(Metric::kStateChanges, {WordOf(before), WordOf(change.after)});
  parts_.log.Write(Event::kStateChanged,
                   {{"domain", domain},
                    {"from", TextOf(before)},
                    {"to", TextOf(change.after)},
                    {"basis", change.basis},
                    {"blocking", Join(change.blocking, ",")},
                    {"ruleset", change.ruleset},
                    {"evidence", change.evidence_digest.ToString()}});
}

}  // namespace tlsrpt::api
