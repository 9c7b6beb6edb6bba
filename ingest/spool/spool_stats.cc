#include "ingest/spool/spool_stats.h"

#include <filesystem>

#include "ingest/spool/spool_schema.h"
#include "ingest/spool/sqlite.h"

namespace tlsrpt::ingest {

Result<std::optional<SpoolStats>> ReadSpoolStats(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return std::optional<SpoolStats>();
  auto db = Database::OpenToRead(path);
  if (!db) return std::move(db).error();
  // The writer may hold the file for a moment at its own start or end.
  sqlite3_busy_timeout(db->handle(), 2000);

  auto query = db->Prepare(
      "WITH run AS (" + std::string(kNotDone) +
      "), counted AS (SELECT first_id, lane, last_id - first_id + 1 AS entries FROM run"
      " WHERE last_id >= first_id)"
      " SELECT ifnull(sum(entries), 0), ifnull(sum(entries) FILTER (WHERE lane = ?1), 0),"
      " (SELECT received_at FROM pack WHERE first_id <= (SELECT min(first_id) FROM"
      " counted) ORDER BY first_id DESC LIMIT 1), (SELECT spool_id FROM identity),"
      " ifnull(sum(entries) FILTER (WHERE lane = ?2), 0) FROM counted");
  if (!query) return std::move(query).error();
  SpoolStats stats;
  std::optional<Uuid> spool_id;
  const auto read = query->ForEach(
      [&](Statement& row) {
        stats.depth = row.Int(0);
        stats.waiting = row.Int(1);
        stats.suspects = row.Int(4);
        spool_id = UuidFromBytes(row.Bytes(3));
        if (stats.depth > 0) {
          stats.oldest_at = TimePoint(std::chrono::microseconds(row.Int(2)));
        }
      },
      static_cast<std::int64_t>(Lane::kWaiting),
      static_cast<std::int64_t>(Lane::kSuspect));
  if (!read) return read.error();
  if (!spool_id) {
    return Error{ErrorKind::kMalformed, path + ": its table identity names no spool"};
  }
  stats.spool_id = *spool_id;
  return std::optional(stats);
}

}  // namespace tlsrpt::ingest
