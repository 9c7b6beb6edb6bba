// Reads what is inside entries, beside the writer: a connection of its own.
//
// Errors   kUnavailable  an entry, or all of them, cannot be read
// Threads  one at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"
#include "ingest/spool/spool.h"
#include "ingest/spool/sqlite.h"

namespace tlsrpt::ingest {

class SpoolReader {
 public:
  // Of a spool that this process writes.
  static Result<SpoolReader> Open(const std::string& path);
  // Of one that another process may be writing.
  static Result<SpoolReader> OpenFromOutside(const std::string& path);

  // One snapshot, and one lock, for many reads: while it lives.
  class Snapshot {
   public:
    explicit Snapshot(SpoolReader& reader) : reader_(reader) {
      (void)reader_.begin_.Run();
    }
    ~Snapshot() { (void)reader_.end_.Run(); }
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;

   private:
    SpoolReader& reader_;
  };

  // Calls `on_entry` for each entry from `first_id` to `last_id` in their order: with
  // it, or with an error where it is missing or damaged.
  using OnEntry = std::function<void(std::int64_t, Result<SpoolEntry>)>;
  void Read(std::int64_t first_id, std::int64_t last_id, const OnEntry& on_entry);

  Database& db() { return db_; }

 private:
  explicit SpoolReader(Database db) : db_(std::move(db)) {}
  Result<void> PrepareAll();

  Database db_;
  Statement begin_, end_, packs_;
};

}  // namespace tlsrpt::ingest
