#include "store/admin/exceptions.h"

#include "base/uuid.h"
#include "store/work/work.h"

namespace tlsrpt::store {
namespace {

// The last group of a UUID: 48 random bits, unique within a domain, and typed by people.
std::string NewWaiverId(TimePoint now) { return MakeUuidV7(now).ToString().substr(24); }

}  // namespace

PgResult<TimePoint> WritesSettledAt(Connection& connection) {
  return connection.Transact([](Transaction& tx) {
    return tx.Query("writes_settled")[0].Timestamp("settled_at");
  });
}

PgResult<std::string> AddWaiver(Connection& connection, const std::string& domain,
                                const Waiver& waiver) {
  return connection.Transact([&](Transaction& tx) -> Result<std::string> {
    if (auto sound = CheckWaiver(waiver); !sound) return std::move(sound).error();
    const std::string id = NewWaiverId(waiver.made_at);
    tx.Query("waiver_add",
             {domain, id, waiver.reporter, waiver.result_type, waiver.mx, waiver.reason,
              waiver.who, waiver.why, waiver.made_at, waiver.until, waiver.max_sessions});
    RequestEvaluation(tx, {.names = {domain}, .failing_hosts = {}});
    return id;
  });
}

PgResult<Withdrawal> WithdrawWaiver(Connection& connection, const std::string& domain,
                                    const std::string& waiver_id, const std::string& who,
                                    TimePoint now) {
  return connection.Transact([&](Transaction& tx) {
    if (tx.Query("waiver_withdraw", {domain, waiver_id, now, who}).AffectedRows() > 0) {
      RequestEvaluation(tx, {.names = {domain}, .failing_hosts = {}});
      return Withdrawal::kDone;
    }
    return tx.Query("waiver_one", {domain, waiver_id}).empty() ? Withdrawal::kNotThere
                                                               : Withdrawal::kBefore;
  });
}

PgResult<void> SetDomainSettings(Connection& connection, const std::string& domain,
                                 const std::vector<DomainSetting>& settings) {
  return connection.Transact([&](Transaction& tx) {
    for (const DomainSetting& setting : settings) {
      tx.Query("domain_setting_add", {domain, setting.plain_name, setting.name,
                                      setting.value, setting.set_by, setting.set_at});
    }
    RequestEvaluation(tx, {.names = {domain}, .failing_hosts = {}});
  });
}

}  // namespace tlsrpt::store
