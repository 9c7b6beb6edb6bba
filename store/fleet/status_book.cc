#include "store/fleet/status_book.h"

#include <utility>

namespace tlsrpt::store {
namespace {

struct Before {
  DomainState state;
  TimePoint changed_at;
};

std::optional<Before> ReadBefore(Transaction& tx, const std::string& domain) {
  const ResultSet rows = tx.Query("status_one", {domain});
  if (rows.empty()) return std::nullopt;
  return Before{{.verdict = std::string(rows[0].Text("verdict")),
                 .health = std::string(rows[0].Text("health")),
                 .confidence = std::string(rows[0].Text("confidence"))},
                rows[0].Timestamp("changed_at")};
}

StateChange ChangeOf(const DomainStatus& status, const std::optional<Before>& before,
                     const std::string& settings) {
  StateChange change;
  change.changed_at = status.changed_at;
  if (before) change.before = before->state;
  change.after = status.state;
  change.basis = status.basis;
  change.ruleset = status.ruleset;
  change.settings = settings;
  change.evidence_digest = status.evidence_digest;
  change.evaluated_for = status.evaluated_for;
  change.sentence = status.sentence;
  change.blocking = status.blocking;
  return change;
}

void AddChange(Transaction& tx, const std::string& domain, const StateChange& change) {
  const DomainState before = change.before.value_or(DomainState{});
  tx.Query("state_change_add",
           {domain, change.changed_at, before.verdict, before.health, before.confidence,
            change.after.verdict, change.after.health, change.after.confidence,
            change.basis, change.ruleset, change.settings, change.evidence_digest,
            change.evaluated_for, change.sentence, change.blocking});
}

// Ends `item` and does `then` with it, or neither.
template <class F>
PgResult<bool> FinishAnd(Connection& connection, const WorkItem& item,
                         const std::string& holder, const F& then) {
  return connection.Transact([&](Transaction& tx) {
    if (!FinishWorkIn(tx, item, holder)) return false;
    then(tx);
    return true;
  });
}

}  // namespace

PgResult<StatusWritten> WriteStatus(Connection& connection, const WorkItem& item,
                                    const std::string& holder, DomainStatus status,
                                    const std::string& settings) {
  StatusWritten written;
  // The row of `work` is locked from here on: nobody else writes about this domain.
  const auto in_time = FinishAnd(connection, item, holder, [&](Transaction& tx) {
    const auto before = ReadBefore(tx, status.domain);
    const bool changed = !before || before->state != status.state;
    status.changed_at = changed ? status.evaluated_at : before->changed_at;
    tx.Query("status_put",
             {status.domain, status.state.verdict, status.state.health,
              status.state.confidence, status.basis, status.ruleset, status.sentence,
              status.blocking, status.blocking_sentence, status.earliest_ready,
              status.evaluated_at, status.evaluated_for, status.next_evaluation,
              status.changed_at, status.evidence_digest});
    if (!changed) return;
    written.change = ChangeOf(status, before, settings);
    AddChange(tx, status.domain, *written.change);
  });
  if (!in_time) return in_time.error();
  written.in_time = *in_time;
  return written;
}

PgResult<bool> DropStatus(Connection& connection, const WorkItem& item,
                          const std::string& holder) {
  return FinishAnd(connection, item, holder,
                   [&](Transaction& tx) { tx.Query("status_drop", {item.domain}); });
}

PgResult<bool> RequestAll(Connection& connection, const WorkItem& item,
                          const std::string& holder) {
  return FinishAnd(connection, item, holder,
                   [](Transaction& tx) { tx.Query("status_all"); });
}

PgResult<std::int64_t> RequestDue(Connection& connection, TimePoint now,
                                  std::int64_t limit) {
  return connection.Transact([&](Transaction& tx) {
    return static_cast<std::int64_t>(tx.Query("status_due", {now, limit}).AffectedRows());
  });
}

PgResult<std::int64_t> RequestMissing(Connection& connection, TimePoint latest,
                                      std::int64_t limit) {
  return connection.Transact([&](Transaction& tx) {
    return static_cast<std::int64_t>(
        tx.Query("status_missing", {latest, limit}).AffectedRows());
  });
}

PgResult<void> RequestWhereRulesDiffer(Connection& connection, std::string_view ruleset,
                                       std::string_view basis) {
  return connection.Transact([&](Transaction& tx) {
    tx.Query("status_other_rules", {ruleset, basis});
  });
}

}  // namespace tlsrpt::store
