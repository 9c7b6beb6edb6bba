#include "store/writer/day_sums.h"

#include "store/writer/insert_chunked.h"

namespace tlsrpt::store {
namespace {

// The rows that `rollup` is about, at zero where they are missing.
void MakeMissing(Transaction& tx, const Rollup& rollup) {
  InsertChunked(tx,
                "INSERT INTO domain_day (policy_domain, day, kind, vouched_reports, "
                "vouched_success_sessions, vouched_failure_sessions, "
                "vouched_unexplained_sessions, unvouched_reports, "
                "unvouched_success_sessions, unvouched_failure_sessions, "
                "unvouched_unexplained_sessions) VALUES ",
                " ON CONFLICT (policy_domain, day, kind) DO NOTHING", rollup.days(),
                [](ValuesBuilder& insert, const auto& entry) {
                  const auto& [domain, day, kind] = entry.first;
                  insert.Row().Text(domain).Date(day).Int(kind);
                  for (int column = 0; column < 8; ++column) insert.Int(0);
                });
  InsertChunked(tx,
                "INSERT INTO domain_day_failure (policy_domain, day, kind, result_type, "
                "vouched_failed_sessions, unvouched_failed_sessions) VALUES ",
                " ON CONFLICT (policy_domain, day, kind, result_type) DO NOTHING",
                rollup.failures(), [](ValuesBuilder& insert, const auto& entry) {
                  const auto& [domain, day, kind, result_type] = entry.first;
                  insert.Row().Text(domain).Date(day).Int(kind).Int(result_type);
                  for (int column = 0; column < 2; ++column) insert.Int(0);
                });
}

}  // namespace

void AddToSums(Transaction& tx, const Rollup& rollup) {
  InsertChunked(
      tx,
      "INSERT INTO domain_day AS sum (policy_domain, day, kind, vouched_reports, "
      "vouched_success_sessions, vouched_failure_sessions, "
      "vouched_unexplained_sessions, unvouched_reports, unvouched_success_sessions, "
      "unvouched_failure_sessions, unvouched_unexplained_sessions) VALUES ",
      " ON CONFLICT (policy_domain, day, kind) DO UPDATE SET"
      " vouched_reports = sum.vouched_reports + EXCLUDED.vouched_reports,"
      " vouched_success_sessions ="
      " sum.vouched_success_sessions + EXCLUDED.vouched_success_sessions,"
      " vouched_failure_sessions ="
      " sum.vouched_failure_sessions + EXCLUDED.vouched_failure_sessions,"
      " vouched_unexplained_sessions ="
      " sum.vouched_unexplained_sessions + EXCLUDED.vouched_unexplained_sessions,"
      " unvouched_reports = sum.unvouched_reports + EXCLUDED.unvouched_reports,"
      " unvouched_success_sessions ="
      " sum.unvouched_success_sessions + EXCLUDED.unvouched_success_sessions,"
      " unvouched_failure_sessions ="
      " sum.unvouched_failure_sessions + EXCLUDED.unvouched_failure_sessions,"
      " unvouched_unexplained_sessions ="
      " sum.unvouched_unexplained_sessions + EXCLUDED.unvouched_unexplained_sessions",
      rollup.days(), [](ValuesBuilder& insert, const auto& entry) {
        const auto& [domain, day, kind] = entry.first;
        insert.Row().Text(domain).Date(day).Int(kind);
        for (const DaySums* sums : {&entry.second.vouched, &entry.second.unvouched}) {
          insert.Int(sums->reports)
              .Int(sums->sessions.success)
              .Int(sums->sessions.failure)
              .Int(sums->sessions.unexplained);
        }
      });
  InsertChunked(
      tx,
      "INSERT INTO domain_day_failure AS sum (policy_domain, day, kind, result_type, "
      "vouched_failed_sessions, unvouched_failed_sessions) VALUES ",
      " ON CONFLICT (policy_domain, day, kind, result_type) DO UPDATE SET"
      " vouched_failed_sessions ="
      " sum.vouched_failed_sessions + EXCLUDED.vouched_failed_sessions,"
      " unvouched_failed_sessions ="
      " sum.unvouched_failed_sessions + EXCLUDED.unvouched_failed_sessions",
      rollup.failures(), [](ValuesBuilder& insert, const auto& entry) {
        const auto& [domain, day, kind, result_type] = entry.first;
        insert.Row()
            .Text(domain)
            .Date(day)
            .Int(kind)
            .Int(result_type)
            .Int(entry.second.vouched)
            .Int(entry.second.unvouched);
      });
}

void CorrectSums(Transaction& tx, const Rollup& rollup) {
  MakeMissing(tx, rollup);
  for (const auto& [key, change] : rollup.days()) {
    const auto& [domain, day, kind] = key;
    const auto& [vouched, unvouched] = change;
    tx.Query("domain_day_correct",
             {domain, day, kind, vouched.reports, vouched.sessions.success,
              vouched.sessions.failure, vouched.sessions.unexplained, unvouched.reports,
              unvouched.sessions.success, unvouched.sessions.failure,
              unvouched.sessions.unexplained});
  }
  for (const auto& [key, change] : rollup.failures()) {
    const auto& [domain, day, kind, result_type] = key;
    tx.Query("domain_day_failure_correct",
             {domain, day, kind, result_type, change.vouched, change.unvouched});
  }
}

}  // namespace tlsrpt::store
