// Writes how domains stand: the status of each, the log of its changes, and the work that
// keeps both true.
//
// A status is written in the transaction that ends its piece of work, and only while the
// lease on that lasts: of two workers on one domain one writes, and whoever dies before
// has written nothing. So a change is in the log once, whatever happens.
//
// Errors   PgError of the connection; nothing else.
// Threads  as the connection, which has the role tlsrptd_api.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "store/model/domain_status.h"
#include "store/pg/connection.h"
#include "store/work/work.h"

namespace tlsrpt::store {

struct StatusWritten {
  bool in_time = false;  // false: the lease had ended; nothing was written
  // What the log has got, its number not filled in; nothing where `state` is as before.
  std::optional<StateChange> change;
};

// `status.changed_at` is filled in here. `settings`: JSON, what was decided with.
PgResult<StatusWritten> WriteStatus(Connection& connection, const WorkItem& item,
                                    const std::string& holder, DomainStatus status,
                                    const std::string& settings);

// item.domain is not ours (any more): takes its status away. False as `in_time`.
PgResult<bool> DropStatus(Connection& connection, const WorkItem& item,
                          const std::string& holder);

// The piece of work was "every domain": makes one of each. False as `in_time`.
PgResult<bool> RequestAll(Connection& connection, const WorkItem& item,
                          const std::string& holder);

// Makes work of at most `limit` domains whose time has come; how many.
PgResult<std::int64_t> RequestDue(Connection& connection, TimePoint now,
                                  std::int64_t limit);

// The same of domains without a status, of statuses of domains that are not ours, and of
// those that a clock which was wrong dated later than `latest`. Looks at every domain.
PgResult<std::int64_t> RequestMissing(Connection& connection, TimePoint latest,
                                      std::int64_t limit);

// Makes work of every domain if the status of any was decided by another ruleset, or on
// another basis ("live" or "reports"): by a program of before, or with other settings.
PgResult<void> RequestWhereRulesDiffer(Connection& connection, std::string_view ruleset,
                                       std::string_view basis);

}  // namespace tlsrpt::store
