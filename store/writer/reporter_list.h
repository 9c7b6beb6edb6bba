// Changes to who is counted and who is listened to: what `tlsrptd reporter` says.
//
// Errors   PgError of the connection; nothing else.
// Threads  as the connection, which has the role tlsrptd_ingest.
#pragma once

#include <string>

#include "base/clock.h"
#include "store/model/mute.h"
#include "store/model/reporter.h"
#include "store/pg/connection.h"

namespace tlsrpt::store {

// Counted from now on. What is there of the same reporter gets these addresses and
// signing domains besides.
PgResult<void> AddReporter(Connection& connection, const ReporterProfile& profile,
                           TimePoint now);

// `mute` passed CheckMute(). Its id is given on reading.
PgResult<void> AddMute(Connection& connection, const Mute& mute);

// How many mutes of `reporter` that ended.
PgResult<std::size_t> WithdrawMutes(Connection& connection, const std::string& reporter,
                                    TimePoint now);

}  // namespace tlsrpt::store
