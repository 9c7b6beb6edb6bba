// Reports out of files into the database: the same flow as mail, without the spool (the
// files are its spool).
//
// A file is a mail, or gzip, zip or JSON, whatever its name says. Importing it again
// stores nothing twice: its receipt is new, its reports are known.
//
// Errors   kUnavailable: the database is away; what was written before stays written.
//          A file that cannot be read is counted, and the others are not held up.
// Threads  one.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "ingest/flow/domain_view.h"
#include "ingest/flow/store_batch.h"
#include "ingest/flow/voucher.h"

namespace tlsrpt::ingest {

// What a mail may be; a file that is larger is not a report.
inline constexpr std::size_t kMaxImportBytes = 25u << 20;

struct ImportOptions {
  std::string node;
  std::size_t batch_receipts = 500;
  std::size_t batch_bytes = 32u << 20;
};

struct ImportSummary {
  store::WriteCounts counts;
  std::size_t files = 0;
  std::size_t ordinary = 0;  // mails without a report in them
  // The first of each, with why: path and sentence.
  std::vector<std::pair<std::string, std::string>> quarantined;
  std::vector<std::pair<std::string, std::string>> unreadable;
};

// How many reasons a summary names.
inline constexpr std::size_t kMaxReasons = 10;

Result<ImportSummary> Import(const std::vector<std::string>& paths,
                             const DomainView& view, const Voucher& voucher,
                             store::Writer& writer, const Clock& clock,
                             const ImportOptions& options);

}  // namespace tlsrpt::ingest
