#include "store/queries/summary.h"

#include <map>
#include <utility>

namespace tlsrpt::store {
namespace {

SessionSums SumsOf(const Row& row) {
  return {.reports = row.Int64("reports"),
          .success_sessions = row.Int64("success_sessions"),
          .failure_sessions = row.Int64("failure_sessions"),
          .unexplained_sessions = row.Int64("unexplained_sessions")};
}

}  // namespace

PgResult<Summary> ReadSummary(Connection& connection, const SummaryQuestion& question) {
  const Params names_and_days{question.names, question.first_day, question.last_day};
  Params all = names_and_days;
  all.Add(question.vouched);
  return connection.Transact([&](Transaction& tx) {
    std::map<std::pair<std::chrono::sys_days, std::string>, DaySummary> days;
    const auto day_of = [&](const Row& row) -> DaySummary& {
      const auto day = row.Date("day");
      std::string name(row.Text("policy_domain"));
      DaySummary& found = days[{day, name}];
      found.day = day;
      found.filed_under = std::move(name);
      return found;
    };
    if (question.vouched.value_or(true)) {
      for (const Row row : tx.Query("summary_vouched_days", names_and_days)) {
        day_of(row).vouched = SumsOf(row);
      }
    }
    if (!question.vouched.value_or(false)) {
      for (const Row row : tx.Query("summary_unvouched_days", names_and_days)) {
        day_of(row).unvouched = SumsOf(row);
      }
    }
    Summary summary;
    for (auto& [key, day] : days) summary.days.push_back(std::move(day));
    for (const Row row : tx.Query("summary_rows", all)) {
      summary.rows.push_back({std::string(row.Text("policy_domain")), row.Date("day"),
                              std::string(row.Text("reporter")), row.Bool("vouched"),
                              static_cast<PolicyType>(row.Int32("policy_type")),
                              SumsOf(row)});
    }
    return summary;
  });
}

PgResult<FailureLines> ReadFailures(Connection& connection,
                                    const SummaryQuestion& question, std::int64_t limit) {
  return connection.Transact([&](Transaction& tx) {
    FailureLines found;
    for (const Row row :
         tx.Query("failure_groups", {question.names, question.first_day,
                                     question.last_day, question.vouched, limit})) {
      found.groups = row.Int64("groups");
      found.lines.push_back({
          .filed_under = std::string(row.Text("policy_domain")),
          .policy_type = static_cast<PolicyType>(row.Int32("policy_type")),
          .result_type = static_cast<ResultType>(row.Int32("result_type")),
          .result_type_text = std::string(row.Text("result_type_text")),
          .receiving_mx = std::string(row.Text("receiving_mx")),
          .reason = std::string(row.Text("reason")),
          .reporter = std::string(row.Text("reporter")),
          .vouched = row.Bool("vouched"),
          .failed_sessions = row.Int64("failed_sessions"),
          .reports = row.Int64("reports"),
          .first_day = row.Date("first_day"),
          .last_day = row.Date("last_day"),
      });
    }
    return found;
  });
}

}  // namespace tlsrpt::store
