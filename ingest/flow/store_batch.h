// Writes a batch, and what PostgreSQL refuses for what it holds as quarantined: one bad
// report stops nobody (DESIGN 5), and is held like any other that cannot be read.
//
// Errors   as Writer::Write: some records may be written. Write the same batch again;
//          the receipt ids make that harmless.
// Threads  as the writer.
#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "store/model/receipt.h"
#include "store/writer/writer.h"

namespace tlsrpt::ingest {

struct StoredBatch {
  store::WriteCounts counts;
  // Receipts with something in quarantine now, for the log.
  std::vector<const store::Receipt*> quarantined;
  // Indexes of records that are not written: their month has no partition.
  std::vector<std::size_t> no_partition;
  // Not written either: refused even without what they hold, which is a bug of ours.
  std::vector<store::RefusedRecord> not_held;
};

// May change `records`: a refused one loses its reports and says why.
Result<StoredBatch> StoreBatch(store::Writer& writer,
                               std::vector<store::ReceiptRecord>& records);

}  // namespace tlsrpt::ingest
