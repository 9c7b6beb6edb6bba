// Work that one side wants of the other: the table `work`, written in the transaction of
// its cause and taken by lease (DESIGN 2).
//
// Whoever takes a piece of work has it for a while and says so again while it lasts. Who
// dies with one loses it when the lease ends, and somebody else takes it; so work must
// stand being done twice. All times are the database's: the clocks of two nodes differ.
//
// Units    leases and delays in seconds.
// Errors   PgError of the connection; nothing else.
// Threads  as the connection.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/pg/connection.h"

namespace tlsrpt::store {

// Kinds of work. What is wanted is in the kind, about whom in the domain ('' for all).
inline constexpr std::string_view kWorkPartitions = "partitions";
inline constexpr std::string_view kWorkRetention = "retention";
// Tell the demo further, where there is one.
inline constexpr std::string_view kWorkDemo = "demo";
// A domain, a wildcard (".example.net") or an MX host became ours: look again at what is
// held as foreign. Late: once more, for the reports that a node took while its own list
// was still the old one.
inline constexpr std::string_view kWorkRetryForeign = "retry_foreign";
inline constexpr std::string_view kWorkRetryForeignLate = "retry_foreign_late";
// Evaluate a domain; '' for every one. Asked for by RequestEvaluation.
inline constexpr std::string_view kWorkEvaluate = "evaluate";
// A sender's reports come together, and so do those of an import: one evaluation for all
// that comes within ten seconds. Not longer, for until then the domain is not listed as
// ready, and who has just mended something wants to see it.
inline constexpr std::chrono::seconds kEvaluationSettles{10};
// Nodes poll the list every two seconds, and one that is cut off for longer finds its
// reports held until `tlsrptd quarantine retry`.
inline constexpr std::chrono::seconds kForeignSettles{600};

struct WorkItem {
  std::string domain;
  std::string kind;
  std::int64_t generation = 0;
  int attempts = 0;  // takes since it was last done, this one included
};

// Inside the transaction of its cause. `domains` need be neither sorted nor unique.
void RequestWork(Transaction& tx, std::string_view kind, std::vector<std::string> domains,
                 std::chrono::seconds delay = {});

// `names` became ours: both looks at what is held for them.
void RequestForeignRetry(Transaction& tx, const std::vector<std::string>& names);

// What the evidence of some domains changed by, in the transaction that changes it:
// reports, looks at the live domain, waivers, mutes, settings of a domain.
struct EvidenceChange {
  // Domains, and whatever else reports are filed under; "" for every domain. Names that
  // are not ours are passed over.
  std::vector<std::string> names;
  // MX hosts at which something failed: that concerns every domain that they serve. What
  // succeeds there makes no domain worse, and waits for the next day.
  std::vector<std::string> failing_hosts;
};

// Evaluates again whom it concerns, in kEvaluationSettles. Last in the transaction: the
// rows it locks are those that other writers about the same domains want.
void RequestEvaluation(Transaction& tx, EvidenceChange change);

// Makes sure that the work `kind` on the whole exists; done work of this kind is given
// back, not finished.
PgResult<void> EnsureWork(Connection& connection, std::string_view kind);

// The longest due piece of work of `kinds`, or nothing. `holder` is unique to the taker,
// not to its node: two processes of a node must not take each other for themselves.
PgResult<std::optional<WorkItem>> TakeWork(Connection& connection,
                                           const std::vector<std::string>& kinds,
                                           const std::string& holder,
                                           std::chrono::seconds lease);

// Up to `limit` of the longest due pieces of one kind, all of them `holder`'s.
PgResult<std::vector<WorkItem>> TakeSomeWork(Connection& connection,
                                             std::string_view kind,
                                             const std::string& holder,
                                             std::chrono::seconds lease,
                                             std::int64_t limit);

// As FinishWork, inside the transaction of what was done, so that both happen or neither.
// False: the lease had ended and somebody else has it; roll back.
bool FinishWorkIn(Transaction& tx, const WorkItem& item, const std::string& holder);

// False: the lease had ended and somebody else has it. Stop working on it.
PgResult<bool> ExtendWork(Connection& connection, const WorkItem& item,
                          const std::string& holder, std::chrono::seconds lease);

// Deletes it, or frees it where it was asked for again meanwhile.
PgResult<void> FinishWork(Connection& connection, const WorkItem& item,
                          const std::string& holder);

// Frees it for the next time. `done`: it comes again by itself; else it failed.
PgResult<void> GiveBackWork(Connection& connection, const WorkItem& item,
                            const std::string& holder, std::chrono::seconds delay,
                            bool done);

}  // namespace tlsrpt::store
