#include "store/queries/fleet.h"

namespace tlsrpt::store {
namespace {

constexpr Hold kHolds[] = {Hold::kNone, Hold::kNeverEvaluated, Hold::kEvaluationDue,
                           Hold::kOverdue};

Hold HoldNamed(std::string_view name) {
  for (const Hold hold : kHolds) {
    if (NameOf(hold) == name) return hold;
  }
  return Hold::kOverdue;  // whatever it is, it speaks against it
}

bool IsWildcard(std::string_view domain) { return domain.starts_with('.'); }

std::optional<std::vector<std::string>> ArrayOf(
    const std::optional<std::set<std::string>>& names) {
  if (!names) return std::nullopt;
  return std::vector<std::string>(names->begin(), names->end());
}

DomainStatus StatusOf(const Row& row) {
  DomainStatus status;
  status.domain = row.Text("domain");
  status.state = {std::string(row.Text("verdict")), std::string(row.Text("health")),
                  std::string(row.Text("confidence"))};
  status.basis = row.Text("basis");
  status.ruleset = row.Text("ruleset");
  status.sentence = row.Text("sentence");
  status.blocking = row.TextArray("blocking");
  status.blocking_sentence = row.Text("blocking_sentence");
  status.earliest_ready = row.OptionalDate("earliest_ready");
  status.evaluated_at = row.Timestamp("evaluated_at");
  status.evaluated_for = row.Date("evaluated_for");
  status.next_evaluation = row.Timestamp("next_evaluation");
  status.changed_at = row.Timestamp("changed_at");
  status.evidence_digest = row.Uuid("evidence_digest");
  return status;
}

FleetRow RowOf(const Row& row, const FleetMoment& moment) {
  FleetRow found;
  found.domain = {std::string(row.Text("domain")), std::string(row.Text("source")),
                  row.Timestamp("added_at"), row.Bool("demo")};
  if (IsWildcard(found.domain.domain)) return found;
  if (!row.IsNull("verdict")) found.status = StatusOf(row);
  found.hold = HoldNamed(row.Text("hold"));
  if (found.hold == Hold::kNone && moment.intake_behind) found.hold = Hold::kIntakeBehind;
  return found;
}

StateChange ChangeOf(const Row& row) {
  StateChange change;
  change.change_no = row.Int64("change_no");
  change.changed_at = row.Timestamp("changed_at");
  const DomainState before{std::string(row.Text("old_verdict")),
                           std::string(row.Text("old_health")),
                           std::string(row.Text("old_confidence"))};
  if (!before.verdict.empty()) change.before = before;
  change.after = {std::string(row.Text("new_verdict")),
                  std::string(row.Text("new_health")),
                  std::string(row.Text("new_confidence"))};
  change.basis = row.Text("basis");
  change.ruleset = row.Text("ruleset");
  change.settings = row.Text("settings");
  change.evidence_digest = row.Uuid("evidence_digest");
  change.evaluated_for = row.Date("evaluated_for");
  change.sentence = row.Text("sentence");
  change.blocking = row.TextArray("blocking");
  return change;
}

}  // namespace

std::string_view FleetRow::State() const {
  if (IsWildcard(domain.domain)) return {};
  if (!status || (status->state.verdict == "ready" && hold != Hold::kNone)) {
    return kStateUnknown;
  }
  return status->state.verdict;
}

PgResult<std::vector<FleetRow>> ReadFleetPage(Connection& connection,
                                              const FleetPageQuestion& question,
                                              const FleetMoment& moment) {
  std::vector<FleetRow> page;
  const bool ready = question.state == "ready";
  if (ready && moment.intake_behind) return page;
  return connection.Transact([&](Transaction& tx) {
    const TimePoint overdue = moment.now - kEvaluationGrace;
    const TimePoint latest = moment.now + kClockSkew;
    const auto only = ArrayOf(question.only);
    const bool by_verdict = question.state && *question.state != kStateUnknown;
    const ResultSet rows =
        by_verdict ? tx.Query("fleet_page_verdict",
                              {question.state, question.after, question.limit, only,
                               overdue, latest, ready, question.search})
                   : tx.Query("fleet_page", {question.after, question.limit, only,
                                             overdue, latest, question.state.has_value(),
                                             moment.intake_behind, question.search});
    for (const Row row : rows) page.push_back(RowOf(row, moment));
    return page;
  });
}

PgResult<std::optional<FleetRow>> ReadFleetRow(Connection& connection,
                                               const std::string& domain,
                                               const FleetMoment& moment) {
  return connection.Transact([&](Transaction& tx) {
    std::optional<FleetRow> found;
    for (const Row row : tx.Query("fleet_one", {domain, moment.now - kEvaluationGrace,
                                                moment.now + kClockSkew})) {
      found = RowOf(row, moment);
    }
    return found;
  });
}

PgResult<FleetCounts> CountFleet(Connection& connection,
                                 const std::optional<std::set<std::string>>& only,
                                 const FleetMoment& moment) {
  return connection.Transact([&](Transaction& tx) {
    FleetCounts counts;
    for (const Row row :
         tx.Query("fleet_counts", {ArrayOf(only), moment.now - kEvaluationGrace,
                                   moment.now + kClockSkew, moment.intake_behind})) {
      const std::int64_t domains = row.Int64("domains");
      counts.domains += domains;
      counts.by_state.emplace(row.Text("state"), domains);
      counts.at_risk += row.Int64("at_risk");
    }
    const ResultSet due = tx.Query("fleet_due");
    counts.evaluations_due = due[0].Int64("due");
    counts.oldest_due = std::chrono::seconds(due[0].Int64("oldest_seconds"));
    return counts;
  });
}

PgResult<std::vector<StateChange>> ReadStateChanges(Connection& connection,
                                                    const std::string& domain,
                                                    std::optional<std::int64_t> before,
                                                    std::int64_t limit) {
  return connection.Transact([&](Transaction& tx) {
    std::vector<StateChange> changes;
    for (const Row row : tx.Query("state_changes", {domain, before, limit})) {
      changes.push_back(ChangeOf(row));
    }
    return changes;
  });
}

}  // namespace tlsrpt::store
