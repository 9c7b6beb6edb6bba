// Files that an earlier import has stored completely, by the digest of their bytes: they
// need not be read, sent and kept again.
//
// A file is known while what it stored is certain to be what reading it again would find
// in the database: its receipt and its raw bytes are there, all of its reports were
// stored by it on the operator's word, with this version of the parser, and none of them
// was held back or was other people's. Looked at when asked, for a receipt may be read
// again (`reprocess`) and its month may be dropped.
//
// A file of which an import holds everything in quarantine is known as well, for its
// bytes need not be kept again. It is read all the same: a domain may have been added
// since.
//
// Units    days are UTC.
// Errors   as Writer: kUnavailable, kInternal.
// Threads  one at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "store/pg/connection.h"

namespace tlsrpt::store {

struct ImportedBody {
  Uuid receipt_id;  // that keeps the bytes
  std::int32_t report_count = 0;
  std::string reporter;  // of the receipt
  bool is_held = false;  // all of it, in quarantine

  bool operator==(const ImportedBody&) const = default;
};

class ImportedBodies {
 public:
  explicit ImportedBodies(ConnectOptions options);

  // What is known of `digests`. A report of a day before `oldest_day`, the first still
  // kept, makes its file unknown: it would be refused today.
  Result<std::map<Uuid, ImportedBody>> Find(const std::vector<Uuid>& digests,
                                            std::chrono::sys_days oldest_day);

 private:
  ConnectOptions options_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace tlsrpt::store
