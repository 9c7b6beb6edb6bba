// One submission from bytes to rows: unpack, parse, vouch, file. The only place that
// knows the order of these steps; no I/O.
//
// Whatever a submission holds, a record comes back: what could be read is filed, what
// could not is counted as quarantined with the step and the sentence that say why, and
// the raw bytes are kept with both.
//
// Errors   none of its own. An exception is our bug and is the caller's kInternal.
// Threads  pure; the context must outlive the call.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "ingest/flow/voucher.h"
#include "ingest/spool/spool.h"
#include "store/model/filing.h"
#include "store/model/own_domains.h"
#include "store/model/receipt.h"
#include "store/model/reporter.h"
#include "store/writer/imported_bodies.h"

namespace tlsrpt::ingest {

// Names below a wildcard domain come into being by being reported on. So many in all,
// so that a reporter gone wrong cannot fill the list.
inline constexpr std::size_t kMaxWildcardNames = 10'000;

struct ProcessContext {
  const store::OwnDomains& own;
  const Voucher& voucher;
  const std::set<std::string>& counted_reporters;
  std::string node;
  std::chrono::months retention = store::kDefaultReportRetention;
  // Names below wildcards that exist already.
  std::size_t wildcard_names = 0;
  // Of a later look; empty: the time it was received.
  std::optional<TimePoint> now = std::nullopt;
  // As FilingContext::written_at.
  std::optional<TimePoint> written_at = std::nullopt;
  // Whose key must be known: without it what they sign is held (kReasonKey), since what
  // it says may count. Null: it is nobody's.
  const store::ReporterProfiles* profiles = nullptr;
};

using store::kReasonCrash;
using store::kReasonFile;
using store::kReasonForeign;
using store::kReasonKey;
using store::kReasonParse;
using store::kReasonStore;
using store::kReasonUnpack;

// `entry.body` is moved into the record.
store::ReceiptRecord Process(SpoolEntry entry, const ProcessContext& context);

// The record of an entry whose very bytes are in the database, with all the reports in
// them on the operator's word: its reports are duplicates, without a look into it.
store::ReceiptRecord RecordKnown(SpoolEntry entry, const ProcessContext& context,
                                 const store::ImportedBody& original);

// Turns a record of which everything is held into one that keeps no bytes of its own: the
// receipt `holder` holds the very same, for what its reports become with it. Its reason
// stays, and says why.
void LeaveToHolder(store::ReceiptRecord& record, const Uuid& holder);

// Turns a record into one that says only that it is held, and why: for kReasonStore,
// since PostgreSQL refuses it, or kReasonKey, since nobody can say who wrote it.
void Hold(store::ReceiptRecord& record, std::string_view reason, std::string why);

// The record of an entry that is not to be looked into: held as it is, for `reason`.
store::ReceiptRecord QuarantineUnparsed(SpoolEntry entry, const ProcessContext& context,
                                        std::string_view reason, std::string detail);

}  // namespace tlsrpt::ingest
