// Asks for one domain's verdict: reads its evidence and decides. The command line and the
// API both ask here, so that they cannot answer differently.
//
// Errors   PgError of the connection; kInternal (as kOther) for a look at the live domain
//          or a setting that is stored and cannot be read. Absence of evidence is a
//          verdict; evidence that cannot be read is none.
// Threads  as the connection, which has the role tlsrptd_api.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "api/readiness/settings.h"
#include "api/readiness/verdict.h"
#include "base/clock.h"
#include "base/uuid.h"
#include "store/model/evidence.h"
#include "store/model/waiver.h"
#include "store/pg/connection.h"
#include "store/queries/domain_page.h"

namespace tlsrpt::api {

// A spool that the asker has read himself, before he asks: a heartbeat is up to 10 s old,
// and that of a process that was killed knows nothing of what it took in last.
struct OwnSpool {
  Uuid spool_id;
  std::string node;  // its name where no heartbeat of it has come yet
  TimePoint read_at;
  std::int64_t depth = 0;
  std::int64_t waiting = 0;  // of these, for DNS
  std::optional<TimePoint> oldest_at;
};

struct ReadinessQuestion {
  std::string domain;              // normalised, and ours
  std::set<std::string> mx_hosts;  // its own and those of every domain
  bool demo = false;               // of `tlsrptd demo`
  TimePoint as_of;                 // the time that is asked about
  TimePoint asked_at;              // now
  // Only what had been received, seen, waived, muted and set by then.
  std::optional<TimePoint> known_at;
  // A window longer than that of the rules, as large a part of it covered; the answer has
  // to hold for the usual one as well.
  int min_window_days = 0;
  std::optional<OwnSpool> own_spool = {};
};

// About a domain of ours, as it stands at `now`.
ReadinessQuestion AboutNow(const store::OneDomain& domain, TimePoint now);

// Everything Decide() takes, read from one snapshot.
struct Basis {
  store::Evidence evidence;
  ReadinessSettings rules;
};

// `settings`: the rules of the process. On top of them comes what is set for the domain,
// and who is counted: the shipped profiles, and the administrator's.
store::PgResult<Basis> ReadBasis(store::Connection& connection,
                                 const ReadinessQuestion& question,
                                 ReadinessSettings settings);

// Decide() on that.
store::PgResult<Verdict> AskReadiness(store::Connection& connection,
                                      const ReadinessQuestion& question,
                                      ReadinessSettings settings);

// The same as if `waiver`, which has no id, had been made.
store::PgResult<Verdict> AskWithWaiver(store::Connection& connection,
                                       const ReadinessQuestion& question,
                                       ReadinessSettings settings,
                                       const store::Waiver& waiver);

}  // namespace tlsrpt::api
