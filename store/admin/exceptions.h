// Changes to what is different for one domain: waivers and settings. Nothing here is ever
// forgotten: a waiver is withdrawn, a setting is set anew.
//
// Errors   PgError of the connection; of AddWaiver also kMalformed (as kOther), with the
//          bound that it breaks.
// Threads  as the connection, which has the role tlsrptd_admin.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "store/model/domain_setting.h"
#include "store/model/waiver.h"
#include "store/pg/connection.h"

namespace tlsrpt::store {

// A time by the database's clock as of which all reports that were being written can be
// seen: a waiver made then accepts none that its maker could not have seen. Waits for the
// batches that are being written, moments.
PgResult<TimePoint> WritesSettledAt(Connection& connection);

// Makes `waiver` of `domain` under an id of its own, which is returned. Its `id` and what
// it says of a withdrawal are not looked at.
PgResult<std::string> AddWaiver(Connection& connection, const std::string& domain,
                                const Waiver& waiver);

enum class Withdrawal {
  kDone,
  kBefore,    // somebody withdrew it before
  kNotThere,  // the domain has no such waiver
};

PgResult<Withdrawal> WithdrawWaiver(Connection& connection, const std::string& domain,
                                    const std::string& waiver_id, const std::string& who,
                                    TimePoint now);

// Sets all of `settings`, or none. The caller has checked names and values.
PgResult<void> SetDomainSettings(Connection& connection, const std::string& domain,
                                 const std::vector<DomainSetting>& settings);

}  // namespace tlsrpt::store
