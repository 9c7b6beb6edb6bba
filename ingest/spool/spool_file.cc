#include "ingest/spool/spool_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "ingest/spool/recipients.h"
#include "ingest/spool/spool_schema.h"

namespace tlsrpt::ingest {
namespace {

// Entries whose time has come are moved to the ready lane this many at a time.
constexpr std::int64_t kPromoteAtOnce = 1000;

std::int64_t Micros(TimePoint time) { return time.time_since_epoch().count(); }
TimePoint FromMicros(std::int64_t micros) {
  return TimePoint(std::chrono::microseconds(micros));
}

// A lane in SQL: bound, so that the numbers stand in one place.
std::int64_t Sql(Lane lane) { return static_cast<std::int64_t>(lane); }

// Entries come and go in the order of their ids, hundreds at a time: one statement for
// each run of ids without a gap, [first, last], is a third of the work of one for each.
struct Run {
  std::int64_t first;
  std::int64_t last;
};
template <class Range, class IdOf>
std::vector<Run> RunsOf(const Range& range, IdOf id_of) {
  std::vector<Run> runs;
  for (const auto& one : range) {
    const std::int64_t id = id_of(one);
    if (runs.empty() || runs.back().last + 1 != id) {
      runs.push_back({id, id});
    } else {
      runs.back().last = id;
    }
  }
  return runs;
}

}  // namespace

bool SpoolCounts::MayTake(TimePoint now) const {
  if (suspect_in_hand) return false;
  const bool due = next_due && *next_due <= now;
  if (SuspectIsNext()) return in_hand == 0 || due;
  return ready > 0 || due;
}

std::uint64_t ContentBytes(const SpoolEntry& entry) {
  std::uint64_t bytes = kEntryOverheadBytes + entry.body.size() + entry.transport.size() +
                        entry.peer.size() + entry.helo.size() + entry.tls.size() +
                        entry.envelope_from.size();
  for (const std::string& recipient : entry.envelope_to) bytes += recipient.size() + 8;
  return bytes;
}

Result<void> SpoolFile::PrepareAll() {
  const std::pair<Statement*, const char*> statements[] = {
      {&begin_, "BEGIN IMMEDIATE"},
      {&commit_, "COMMIT"},
      {&page_count_, "PRAGMA page_count"},
      {&free_count_, "PRAGMA freelist_count"},
      {&insert_content_,
       "INSERT INTO content VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)"},
      {&insert_queue_, "INSERT INTO queue VALUES (?1, 0, 0, 0, ?2, ?3)"},
      // "lane < 3" is said for SQLite, which otherwise does not see that the index
      // covers the lane. INDEXED BY makes a full scan an error instead of a surprise.
      {&select_free_,
       "SELECT entry_id, crashes, content_bytes FROM queue INDEXED BY queue_free"
       " WHERE lane = ?1 AND lane < 3 AND not_before = 0 ORDER BY entry_id LIMIT ?2"},
      {&select_due_,
       "SELECT entry_id, crashes FROM queue INDEXED BY queue_free WHERE lane = 2"
       " AND lane < 3 AND not_before <= ?1 ORDER BY not_before LIMIT ?2"},
      {&set_lane_,
       "UPDATE queue SET lane = ?3, not_before = 0 WHERE entry_id BETWEEN ?1 AND ?2"},
      {&insert_done_,
       "INSERT INTO done (entry_id, done_at, content_bytes)"
       " SELECT entry_id, ?3, content_bytes FROM queue"
       " WHERE entry_id BETWEEN ?1 AND ?2 AND lane = 3 ORDER BY entry_id"
       " RETURNING entry_id, content_bytes"},
      {&delete_queue_, "DELETE FROM queue WHERE entry_id BETWEEN ?1 AND ?2 AND lane = 3"},
      {&release_,
       "UPDATE queue SET lane = CASE WHEN ?2 > 0 THEN 2 ELSE min(crashes, 1) END,"
       " not_before = ?2 WHERE entry_id = ?1 AND lane = 3"},
      {&select_in_hand_, "SELECT entry_id FROM queue WHERE lane = 3"},
      {&select_done_,
       "SELECT done_ix, entry_id, done_at, content_bytes FROM done ORDER BY done_ix"
       " LIMIT ?1"},
      {&delete_done_, "DELETE FROM done WHERE done_ix = ?1"},
      {&delete_content_, "DELETE FROM content WHERE entry_id = ?1"},
      {&oldest_, "SELECT received_at FROM queue ORDER BY entry_id LIMIT 1"},
      {&next_due_,
       "SELECT not_before FROM queue INDEXED BY queue_free WHERE lane = 2 AND lane < 3"
       " ORDER BY not_before LIMIT 1"},
      {&oldest_done_, "SELECT done_at FROM done ORDER BY done_ix LIMIT 1"},
  };
  for (const auto& [statement, sql] : statements) {
    Result<Statement> prepared = db_.Prepare(sql);
    if (!prepared) return prepared.error();
    *statement = std::move(*prepared);
  }
  return {};
}

Result<void> SpoolFile::Begin() {
  counts_at_begin_ = counts_;
  if (db_.in_transaction()) Rollback();  // the last one failed to, its disk being away
  return begin_.Run();
}

Result<void> SpoolFile::Commit() {
  if (Result<void> read = ReadAges(); !read) return read;
  return commit_.Run();
}

void SpoolFile::Rollback() {
  counts_ = counts_at_begin_;
  if (db_.in_transaction()) (void)db_.Execute("ROLLBACK");
}

Result<void> SpoolFile::Insert(const SpoolEntry& entry) {
  const std::int64_t received_at = Micros(entry.received_at);
  const std::int64_t entry_id = next_id_++;  // a rollback leaves a gap; no harm
  Result<void> done =
      insert_content_.Run(entry_id, Blob{entry.receipt_id.AsBytes()}, received_at,
                          entry.transport, entry.peer, entry.helo, entry.tls,
                          entry.envelope_from, Blob{EncodeRecipients(entry.envelope_to)},
                          Blob{entry.body}, std::int64_t{entry.peer_trusted});
  if (!done) return done;
  done = insert_queue_.Run(entry_id, received_at,
                           static_cast<std::int64_t>(ContentBytes(entry)));
  if (done) ++counts_.ready;
  return done;
}

// Entries whose not_before has passed stand in line again, at their old place.
Result<void> SpoolFile::Promote(TimePoint now) {
  std::vector<std::pair<std::int64_t, Lane>> due;
  Result<void> done = select_due_.ForEach(
      [&](Statement& row) {
        due.emplace_back(row.Int(0), row.Int(1) > 0 ? Lane::kSuspect : Lane::kReady);
      },
      Micros(now), kPromoteAtOnce);
  for (const auto& [entry_id, lane] : due) {
    if (!done) return done;
    done = set_lane_.Run(entry_id, entry_id, Sql(lane));
    --counts_.waiting;
    ++(lane == Lane::kSuspect ? counts_.suspects : counts_.ready);
  }
  return done;
}

Result<std::vector<SpoolFile::Taken>> SpoolFile::Take(TimePoint now,
                                                      std::size_t max_count,
                                                      std::size_t max_bytes) {
  std::vector<Taken> taken;
  if (counts_.waiting > 0) {
    if (auto done = Promote(now); !done) return done.error();
  }
  if (counts_.suspect_in_hand || max_count == 0) return taken;
  const bool suspect = counts_.SuspectIsNext();
  // A suspect waits until it can be alone, and the others with it.
  if (suspect && counts_.in_hand > 0) return taken;

  std::uint64_t bytes = 0;
  bool full = false;
  const Result<void> selected = select_free_.ForEach(
      [&](Statement& row) {
        bytes += static_cast<std::uint64_t>(row.Int(2));
        full = full || (bytes > max_bytes && !taken.empty());
        if (!full) taken.push_back({row.Int(0), static_cast<int>(row.Int(1))});
      },
      Sql(suspect ? Lane::kSuspect : Lane::kReady),
      static_cast<std::int64_t>(suspect ? 1 : max_count));
  if (!selected) return selected.error();
  for (const auto& [first, last] :
       RunsOf(taken, [](const Taken& entry) { return entry.entry_id; })) {
    const Result<void> done = set_lane_.Run(first, last, Sql(Lane::kInHand));
    if (!done) return done.error();
  }

  const auto count = static_cast<std::int64_t>(taken.size());
  (suspect ? counts_.suspects : counts_.ready) -= count;
  counts_.in_hand += count;
  if (suspect) counts_.suspect_in_hand = taken.front().entry_id;
  counts_.suspects_turn = !suspect;
  return taken;
}

// An entry that is not in hand is left alone: said twice, or said of a stranger.
Result<void> SpoolFile::MarkDone(std::span<const std::int64_t> entry_ids, TimePoint now) {
  for (const auto& [first, last] :
       RunsOf(entry_ids, [](std::int64_t id) { return id; })) {
    Result<void> done = insert_done_.ForEach(
        [&](Statement& row) {
          --counts_.in_hand;
          ++counts_.done;
          counts_.done_bytes += static_cast<std::uint64_t>(row.Int(1));
          if (counts_.suspect_in_hand == row.Int(0)) counts_.suspect_in_hand.reset();
        },
        first, last, Micros(now));
    if (!done) return done;
    if (done = delete_queue_.Run(first, last); !done) return done;
  }
  return {};
}

Result<void> SpoolFile::Release(std::span<const std::int64_t> entry_ids,
                                TimePoint not_before, TimePoint now) {
  const bool wait = not_before > now;
  for (const std::int64_t entry_id : entry_ids) {
    const Result<void> done = release_.Run(entry_id, wait ? Micros(not_before) : 0);
    if (!done) return done;
    if (db_.changes() == 0) continue;
    const bool suspect = counts_.suspect_in_hand == entry_id;
    if (suspect) counts_.suspect_in_hand.reset();
    --counts_.in_hand;
    ++(wait ? counts_.waiting : suspect ? counts_.suspects : counts_.ready);
  }
  return {};
}

Result<void> SpoolFile::ReleaseAll() {
  std::vector<std::int64_t> entry_ids;
  const Result<void> done =
      select_in_hand_.ForEach([&](Statement& row) { entry_ids.push_back(row.Int(0)); });
  if (!done) return done;
  return Release(entry_ids, TimePoint(), TimePoint());
}

Result<std::size_t> SpoolFile::DropDone(std::size_t max_count, TimePoint done_by) {
  struct Row {
    std::int64_t done_ix, entry_id, content_bytes;
  };
  std::vector<Row> rows;
  Result<void> done = select_done_.ForEach(
      [&](Statement& row) {
        if (row.Int(2) > Micros(done_by)) return false;
        rows.push_back({row.Int(0), row.Int(1), row.Int(3)});
        return true;
      },
      static_cast<std::int64_t>(max_count));
  if (!done) return done.error();
  for (const Row& row : rows) {
    if (done = delete_content_.Run(row.entry_id); !done) return done.error();
    if (done = delete_done_.Run(row.done_ix); !done) return done.error();
    --counts_.done;
    counts_.done_bytes -= static_cast<std::uint64_t>(row.content_bytes);
  }
  return rows.size();
}

Result<std::uint64_t> SpoolFile::UsedPageBytes() {
  std::int64_t pages = 0;
  Result<void> read = page_count_.ForEach([&](Statement& row) { pages += row.Int(0); });
  if (!read) return read.error();
  read = free_count_.ForEach([&](Statement& row) { pages -= row.Int(0); });
  if (!read) return read.error();
  return static_cast<std::uint64_t>(pages) * page_bytes_;
}

std::uint64_t SpoolFile::WalBytes() const {
  struct stat status;
  if (stat((db_.path() + "-wal").c_str(), &status) != 0) return 0;
  return static_cast<std::uint64_t>(status.st_size);
}

Result<void> SpoolFile::Checkpoint() {
  const int code = sqlite3_wal_checkpoint_v2(db_.handle(), nullptr,
                                             SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  wal_pages_ = 0;  // until the next COMMIT tells
  if (code == SQLITE_OK || code == SQLITE_BUSY) return {};
  return SqliteError(db_.handle(), code, db_.path());
}

// The three ages, each the first row of a table or an index.
Result<void> SpoolFile::ReadAges() {
  const std::pair<Statement*, std::optional<TimePoint>*> ages[] = {
      {&oldest_, &counts_.oldest_at},
      {&next_due_, &counts_.next_due},
      {&oldest_done_, &counts_.oldest_done_at}};
  for (const auto& [statement, age] : ages) {
    age->reset();
    const Result<void> read = statement->ForEach(
        [age = age](Statement& row) { *age = FromMicros(row.Int(0)); });
    if (!read) return read;
  }
  return {};
}

Result<void> SpoolReader::PrepareAll() {
  const std::pair<Statement*, const char*> statements[] = {
      {&begin_, "BEGIN"},
      {&end_, "END"},
      {&select_,
       "SELECT receipt_id, received_at, transport, peer, helo, tls, envelope_from,"
       " envelope_to, body, peer_trusted FROM content WHERE entry_id = ?1"}};
  for (const auto& [statement, sql] : statements) {
    Result<Statement> prepared = db_.Prepare(sql);
    if (!prepared) return prepared.error();
    *statement = std::move(*prepared);
  }
  return {};
}

Result<SpoolEntry> SpoolReader::Read(std::int64_t entry_id) {
  SpoolEntry entry;
  bool found = false;
  const Result<void> read = select_.ForEach(
      [&](Statement& row) {
        const auto recipients = DecodeRecipients(row.Bytes(7));
        const auto receipt_id = UuidFromBytes(row.Bytes(0));
        found = recipients && receipt_id;
        if (!found) return;
        entry.receipt_id = *receipt_id;
        entry.received_at = FromMicros(row.Int(1));
        entry.transport = row.Bytes(2);
        entry.peer = row.Bytes(3);
        entry.helo = row.Bytes(4);
        entry.tls = row.Bytes(5);
        entry.envelope_from = row.Bytes(6);
        entry.envelope_to = *recipients;
        entry.body = row.Bytes(8);
        entry.peer_trusted = row.Int(9) != 0;
      },
      entry_id);
  if (!read) return read.error();
  if (!found) {
    return Error{
        ErrorKind::kUnavailable,
        db_.path() + ": entry " + std::to_string(entry_id) + " is missing or damaged"};
  }
  return entry;
}

}  // namespace tlsrpt::ingest
