#include "ingest/spool/spool_list.h"

#include <filesystem>

#include "ingest/spool/spool_schema.h"
#include "ingest/spool/sqlite.h"

namespace tlsrpt::ingest {
namespace {

TimePoint FromMicros(std::int64_t micros) {
  return TimePoint(std::chrono::microseconds(micros));
}

std::string_view NameOf(Lane lane) {
  switch (lane) {
    case Lane::kReady:
      return "ready";
    case Lane::kSuspect:
      return "suspect";
    case Lane::kWaiting:
      return "waiting";
    case Lane::kInHand:
      return "in hand";
  }
  return "unknown";
}

Result<Database> Open(const std::string& path) {
  auto db = Database::OpenToRead(path);
  // The writer may hold the file for a moment at its own start or end.
  if (db) sqlite3_busy_timeout(db->handle(), 2000);
  return db;
}

bool Exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

}  // namespace

Result<std::vector<SpoolListEntry>> ListSpool(const std::string& path,
                                              std::int64_t limit) {
  std::vector<SpoolListEntry> entries;
  if (!Exists(path)) return entries;
  auto db = Open(path);
  if (!db) return std::move(db).error();
  auto query = db->Prepare(
      "SELECT queue.entry_id, receipt_id, queue.received_at, lane, crashes, not_before,"
      " content_bytes, peer, envelope_from FROM queue JOIN content USING (entry_id)"
      " ORDER BY queue.entry_id LIMIT ?1");
  if (!query) return std::move(query).error();
  const auto read = query->ForEach(
      [&](Statement& row) {
        SpoolListEntry entry;
        entry.entry_id = row.Int(0);
        entry.receipt_id = UuidFromBytes(row.Bytes(1)).value_or(Uuid{});
        entry.received_at = FromMicros(row.Int(2));
        entry.state = NameOf(static_cast<Lane>(row.Int(3)));
        entry.crashes = row.Int(4);
        if (row.Int(5) > 0) entry.not_before = FromMicros(row.Int(5));
        entry.bytes = static_cast<std::uint64_t>(row.Int(6));
        entry.peer = row.Bytes(7);
        entry.envelope_from = row.Bytes(8);
        entries.push_back(std::move(entry));
      },
      limit);
  if (!read) return read.error();
  return entries;
}

Result<DoneEntries> CountDone(const std::string& path, TimePoint since) {
  DoneEntries done;
  if (!Exists(path)) return done;
  auto db = Open(path);
  if (!db) return std::move(db).error();
  auto query = db->Prepare(
      "SELECT count(*), count(*) FILTER (WHERE done_at >= ?1), min(done_at) FROM done");
  if (!query) return std::move(query).error();
  const auto read = query->ForEach(
      [&](Statement& row) {
        done.kept = row.Int(0);
        done.since = row.Int(1);
        if (done.kept > 0) done.oldest_at = FromMicros(row.Int(2));
      },
      static_cast<std::int64_t>(since.time_since_epoch().count()));
  if (!read) return read.error();
  return done;
}

}  // namespace tlsrpt::ingest
