#include "api/fleet/ask.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "api/fleet/domain_rules.h"
#include "api/readiness/decide.h"
#include "api/readiness/window.h"
#include "store/pg/one_snapshot.h"
#include "store/queries/evidence.h"
#include "store/queries/exceptions.h"
#include "store/queries/reporters.h"

namespace tlsrpt::api {

ReadinessQuestion AboutNow(const store::OneDomain& domain, TimePoint now) {
  return {.domain = domain.row.domain,
          .mx_hosts = domain.mx_hosts,
          .demo = domain.row.demo,
          .as_of = now,
          .asked_at = now,
          .known_at = {}};
}

namespace {

// What stands in the spool in place of what its node last said of it.
void PutOwnSpool(const OwnSpool& own, store::IntakeState& intake) {
  auto node = std::find_if(
      intake.nodes.begin(), intake.nodes.end(),
      [&](const store::IntakeState::Node& one) { return one.spool_id == own.spool_id; });
  if (node == intake.nodes.end()) {
    // An empty one, of which no heartbeat came, keeps nothing from us.
    if (own.depth == 0) return;
    node = intake.nodes.insert(node, {.name = own.node,
                                      .heartbeat_at = own.read_at,
                                      .oldest_entry_at = {},
                                      .spool_id = own.spool_id});
  }
  node->spool_read_at = own.read_at;
  node->spool_depth = own.depth;
  node->spool_waiting = own.waiting;
  node->oldest_entry_at = own.oldest_at;
}

}  // namespace

store::PgResult<Basis> ReadBasis(store::Connection& connection,
                                 const ReadinessQuestion& question,
                                 ReadinessSettings settings) {
  const auto day = DayOf(question.as_of);
  return connection.Transact([&](store::Transaction& tx) -> Result<Basis> {
    store::OneSnapshot(tx);
    auto rules =
        RulesFor(question.domain, std::move(settings),
                 store::ReadDomainSettings(tx, question.domain, question.known_at));
    if (!rules) return std::move(rules).error();
    rules->min_window_days = question.min_window_days;
    rules->counted_reporters = store::ReadProfiles(tx, question.known_at).Counted();
    auto evidence = store::ReadEvidence(tx, {.domain = question.domain,
                                             .mx_hosts = question.mx_hosts,
                                             .first_day = day - LookBackOf(*rules),
                                             .last_day = day,
                                             .as_of = question.as_of,
                                             .known_at = question.known_at});
    if (!evidence) return std::move(evidence).error();
    // No node takes in what the demo says, so none can still hold some of it.
    if (question.demo) {
      evidence->intake = {};
    } else if (question.own_spool) {
      PutOwnSpool(*question.own_spool, evidence->intake);
    }
    return Basis{*std::move(evidence), *std::move(rules)};
  });
}

namespace {

Verdict DecideOn(const Basis& basis, const ReadinessQuestion& question) {
  Verdict verdict = Decide(basis.evidence, basis.rules, question.as_of, question.asked_at,
                           question.known_at);
  verdict.demo = question.demo;
  return verdict;
}

}  // namespace

store::PgResult<Verdict> AskReadiness(store::Connection& connection,
                                      const ReadinessQuestion& question,
                                      ReadinessSettings settings) {
  const auto basis = ReadBasis(connection, question, std::move(settings));
  if (!basis) return basis.error();
  return DecideOn(*basis, question);
}

store::PgResult<Verdict> AskWithWaiver(store::Connection& connection,
                                       const ReadinessQuestion& question,
                                       ReadinessSettings settings,
                                       const store::Waiver& waiver) {
  auto basis = ReadBasis(connection, question, std::move(settings));
  if (!basis) return basis.error();
  basis->evidence.waivers.push_back(waiver);
  return DecideOn(*basis, question);
}

}  // namespace tlsrpt::api
