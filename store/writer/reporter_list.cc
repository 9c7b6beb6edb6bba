#include "store/writer/reporter_list.h"

namespace tlsrpt::store {

PgResult<void> AddReporter(Connection& connection, const ReporterProfile& profile,
                           TimePoint now) {
  return connection.Transact([&](Transaction& tx) {
    tx.Query("reporter_add", {profile.reporter, profile.name, profile.signing_domains,
                              profile.from_addresses, now});
  });
}

PgResult<void> AddMute(Connection& connection, const Mute& mute) {
  return connection.Transact([&](Transaction& tx) {
    tx.Query("mute_add", {mute.reporter, mute.who, mute.why, mute.made_at, mute.until});
  });
}

PgResult<std::size_t> WithdrawMutes(Connection& connection, const std::string& reporter,
                                    TimePoint now) {
  return connection.Transact([&](Transaction& tx) {
    return tx.Query("mute_withdraw", {reporter, now}).AffectedRows();
  });
}

}  // namespace tlsrpt::store
