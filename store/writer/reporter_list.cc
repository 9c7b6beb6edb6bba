#include "store/writer/reporter_list.h"

#include "store/work/work.h"

namespace tlsrpt::store {
namespace {

// Whom it concerns would have to be read from every domain's reports.
void RequestEvaluationOfAll(Transaction& tx) {
  RequestEvaluation(tx, {.names = {""}, .failing_hosts = {}});
}

}  // namespace

PgResult<void> AddReporter(Connection& connection, const ReporterProfile& profile,
                           TimePoint now) {
  return connection.Transact([&](Transaction& tx) {
    tx.Query("reporter_add", {profile.reporter, profile.name, profile.signing_domains,
                              profile.from_addresses, now});
    RequestEvaluationOfAll(tx);
  });
}

PgResult<void> AddMute(Connection& connection, const Mute& mute) {
  return connection.Transact([&](Transaction& tx) {
    tx.Query("mute_add", {mute.reporter, mute.who, mute.why, mute.made_at, mute.until});
    RequestEvaluationOfAll(tx);
  });
}

PgResult<std::size_t> WithdrawMutes(Connection& connection, const std::string& reporter,
                                    TimePoint now) {
  return connection.Transact([&](Transaction& tx) {
    const std::size_t ended = tx.Query("mute_withdraw", {reporter, now}).AffectedRows();
    if (ended > 0) RequestEvaluationOfAll(tx);
    return ended;
  });
}

}  // namespace tlsrpt::store
