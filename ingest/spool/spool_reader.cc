#include "ingest/spool/spool_reader.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "ingest/spool/pack.h"
#include "ingest/spool/spool_schema.h"

namespace tlsrpt::ingest {
namespace {

// Most reads are of what was written a moment ago, which the system has in memory.
constexpr int kCacheKib = 2 * 1024;
// The writer may hold the file for a moment at its own start or end.
constexpr int kBusyMilliseconds = 2000;

}  // namespace

Result<SpoolReader> SpoolReader::Open(const std::string& path) {
  Result<Database> db = Database::Open(path);
  if (!db) return db.error();
  SpoolReader reader(std::move(*db));
  if (auto done = reader.db_.Execute("PRAGMA query_only = 1"); !done) return done.error();
  if (auto prepared = reader.PrepareAll(); !prepared) return prepared.error();
  return reader;
}

Result<SpoolReader> SpoolReader::OpenFromOutside(const std::string& path) {
  Result<Database> db = Database::OpenToRead(path);
  if (!db) return db.error();
  SpoolReader reader(std::move(*db));
  if (auto prepared = reader.PrepareAll(); !prepared) return prepared.error();
  return reader;
}

Result<void> SpoolReader::PrepareAll() {
  sqlite3_busy_timeout(db_.handle(), kBusyMilliseconds);
  const Result<void> configured =
      db_.Execute("PRAGMA cache_size = -" + std::to_string(kCacheKib));
  if (!configured) return configured;
  const std::pair<Statement*, std::string> statements[] = {
      {&begin_, "BEGIN"},
      {&end_, "END"},
      {&packs_, std::string("SELECT first_id, entries, bytes FROM pack") + kPacksOf}};
  for (const auto& [statement, sql] : statements) {
    Result<Statement> prepared = db_.Prepare(sql);
    if (!prepared) return prepared.error();
    *statement = std::move(*prepared);
  }
  return {};
}

void SpoolReader::Read(std::int64_t first_id, std::int64_t last_id,
                       const OnEntry& on_entry) {
  std::int64_t next = first_id;  // the first that `on_entry` was not told of
  const auto lost = [&](std::int64_t up_to, const std::string& why) {
    for (; next <= up_to; ++next) {
      on_entry(next, Error{ErrorKind::kUnavailable,
                           db_.path() + ": entry " + std::to_string(next) + why});
    }
  };
  const Result<void> read = packs_.ForEach(
      [&](Statement& row) {
        std::int64_t entry_id = row.Int(0);
        const std::int64_t end = entry_id + row.Int(1);
        std::string_view pack = row.Bytes(2);
        lost(std::min(entry_id - 1, last_id), " is missing");
        for (; entry_id < end && next <= last_id; ++entry_id) {
          if (entry_id < next) {
            if (!SkipEntry(pack)) break;
            continue;
          }
          auto entry = TakeEntry(pack);
          if (!entry) break;
          on_entry(next++, std::move(*entry));
        }
        lost(std::min(end - 1, last_id), " is damaged");
      },
      first_id, last_id);
  lost(last_id, read ? " is missing" : ": " + read.error().message);
}

}  // namespace tlsrpt::ingest
