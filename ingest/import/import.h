// Reports out of files into the database: the same flow as mail, without the spool (the
// files are its spool).
//
// Importing something again stores nothing twice: its receipts are new, its reports are
// known, and so may be its very bytes (known_files.h). So an import that was interrupted,
// killed or lost its database is simply repeated.
//
// Errors   in the summary: what stopped it, if anything did. kUnavailable: the database
// is
//          away; what was written before stays written. A file that cannot be read is
//          counted, and the others are not held up.
// Threads  one reads and parses, `jobs` write.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "ingest/flow/domain_view.h"
#include "ingest/flow/voucher.h"
#include "ingest/import/batch_writers.h"
#include "ingest/import/progress_line.h"
#include "store/model/filing.h"
#include "store/writer/imported_bodies.h"

namespace tlsrpt::ingest {

struct ImportOptions {
  std::string node;
  std::size_t jobs = 1;  // threads that write, each with a connection
  // As in ingest/flow/drain.h.
  std::size_t batch_receipts = 500;
  std::size_t batch_bytes = 32u << 20;
  std::size_t batch_memory_bytes = 64u << 20;
  std::chrono::months retention = store::kDefaultReportRetention;
};

struct ImportParts {
  const DomainView& view;
  const Voucher& voucher;
  const Clock& clock;
  BatchWriters::MakeWriter make_writer;
  // What earlier imports stored; only where the operator vouches and nobody else is asked
  // (known_files.h). Null: every file is parsed, and none is known the next time.
  store::ImportedBodies* imported_bodies = nullptr;
  // Asked often: true: finish the batch in hand and stop.
  std::function<bool()> stop_wanted;
  // Told often.
  std::function<void(const ImportProgress&)> on_progress;
};

struct ImportSummary {
  WrittenTotals written;
  std::size_t files = 0;     // named on the command line or found in folders; read or not
  std::size_t messages = 0;  // what was in them
  std::size_t unreadable_count = 0;
  std::vector<Reason> unreadable;  // the first
  bool interrupted = false;
  std::optional<Error> failed;
};

ImportSummary Import(const std::vector<std::string>& paths, const ImportOptions& options,
                     const ImportParts& parts);

}  // namespace tlsrpt::ingest
