#include "ingest/spool/spool_list.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "ingest/spool/spool_file.h"
#include "ingest/spool/spool_reader.h"
#include "ingest/spool/spool_schema.h"

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
  auto reader = SpoolReader::OpenFromOutside(path);
  if (!reader) return std::move(reader).error();
  const SpoolReader::Snapshot snapshot(*reader);
  auto query = reader->db().Prepare(std::string(kNotDone) + " ORDER BY 1 LIMIT ?1");
  if (!query) return std::move(query).error();
  std::optional<Error> error;
  const auto read = query->ForEach(
      [&](Statement& row) {
        const auto listed = static_cast<std::int64_t>(entries.size());
        const std::int64_t last = std::min(row.Int(1), row.Int(0) + limit - listed - 1);
        reader->Read(row.Int(0), last, [&](std::int64_t id, Result<SpoolEntry> found) {
          if (!found) {
            error = std::move(found).error();
            return;
          }
          SpoolListEntry entry;
          entry.entry_id = id;
          entry.receipt_id = found->receipt_id;
          entry.received_at = found->received_at;
          entry.state = NameOf(static_cast<Lane>(row.Int(2)));
          entry.crashes = row.Int(3);
          if (row.Int(4) > 0) entry.not_before = FromMicros(row.Int(4));
          entry.bytes = ContentBytes(*found);
          entry.peer = found->peer;
          entry.envelope_from = found->envelope_from;
          entries.push_back(std::move(entry));
        });
      },
      limit);
  if (!read) return read.error();
  // One that cannot be read keeps nobody from seeing the others.
  if (entries.empty() && error) return *error;
  return entries;
}

Result<DoneEntries> CountDone(const std::string& path, TimePoint since) {
  DoneEntries done;
  if (!Exists(path)) return done;
  auto db = Open(path);
  if (!db) return std::move(db).error();
  auto query = db->Prepare(
      "SELECT ifnull(sum(last_id - first_id + 1), 0), ifnull(sum(last_id - first_id + 1)"
      " FILTER (WHERE done_at >= ?1), 0), min(done_at) FROM done");
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
