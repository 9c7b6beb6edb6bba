// A vouched report as it is in the database: what it counts, and what it tells of
// failures.
//
// Errors   leave as exceptions for Connection::Transact.
#pragma once

#include <string>

#include "base/day.h"
#include "base/uuid.h"
#include "store/model/filed_report.h"
#include "store/pg/connection.h"

namespace tlsrpt::store {

// Its key, provenance and results, these without policies, are filled in; none where it
// is not there.
FiledReport ReadStoredReport(Transaction& tx, const std::string& policy_domain,
                             std::chrono::sys_days day, const Uuid& report_key,
                             const std::string& reporter, Provenance provenance);

}  // namespace tlsrpt::store
