#include "ingest/spool/spool_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "ingest/spool/pack.h"

namespace tlsrpt::ingest {
namespace {

// A pack is closed when it has this much: one entry in it that waits for days keeps the
// others from being dropped.
constexpr std::size_t kPackBytes = 64 << 10;
// Runs whose time has come are moved to the ready lane this many at a time.
constexpr std::int64_t kPromoteAtOnce = 1000;
// What stands in the WAL before all pages, and before each (SQLite's file format, 4.1).
constexpr std::uint64_t kWalHeaderBytes = 32;
constexpr std::uint64_t kWalFrameBytes = 24;

std::int64_t Micros(TimePoint time) { return time.time_since_epoch().count(); }
TimePoint FromMicros(std::int64_t micros) {
  return TimePoint(std::chrono::microseconds(micros));
}

// A lane in SQL: bound, so that the numbers stand in one place.
std::int64_t Sql(Lane lane) { return static_cast<std::int64_t>(lane); }

// Entries come and go in the order of their ids, hundreds at a time: what is said of
// each is said of those from one id to another.
struct IdRange {
  std::int64_t first;
  std::int64_t last;
};
std::vector<IdRange> RangesOf(std::span<const std::int64_t> entry_ids) {
  std::vector<IdRange> ranges;
  for (const std::int64_t id : entry_ids) {
    if (ranges.empty() || ranges.back().last + 1 != id) {
      ranges.push_back({id, id});
    } else {
      ranges.back().last = id;
    }
  }
  return ranges;
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
  const std::pair<Statement*, std::string> statements[] = {
      {&begin_, "BEGIN IMMEDIATE"},
      {&commit_, "COMMIT"},
      {&page_count_, "PRAGMA page_count"},
      {&free_count_, "PRAGMA freelist_count"},
      {&insert_pack_, "INSERT INTO pack VALUES (?1,?2,?3,?4,?5)"},
      {&packs_of_, std::string("SELECT first_id, first_id + entries - 1, content_bytes"
                               " FROM pack") +
                       kPacksOf},
      {&delete_pack_, "DELETE FROM pack WHERE first_id = ?1"},
      {&insert_run_, "INSERT INTO queue VALUES (?1,?2,?3,?4,?5,?6)"},
      {&delete_run_, "DELETE FROM queue WHERE first_id = ?1"},
      // "lane < 3" is said for SQLite, which otherwise does not see that the index
      // covers the lane. INDEXED BY makes a full scan an error instead of a surprise.
      {&select_free_,
       "SELECT * FROM queue INDEXED BY queue_free"
       " WHERE lane = ?1 AND lane < 3 AND not_before = 0 ORDER BY first_id LIMIT ?2"},
      // Who was alone at a crash comes after those who were in company: so a process that
      // is killed early, again and again, meets a different one each time.
      {&select_suspect_,
       "SELECT * FROM queue INDEXED BY queue_free WHERE lane = ?1 AND lane < 3"
       " AND not_before = 0 ORDER BY crashes, first_id LIMIT ?2"},
      {&select_due_,
       "SELECT * FROM queue INDEXED BY queue_free WHERE lane = 2"
       " AND lane < 3 AND not_before <= ?1 ORDER BY not_before LIMIT ?2"},
      // Backwards from ?1.
      {&select_back_, "SELECT * FROM queue WHERE first_id <= ?1 ORDER BY first_id DESC"},
      {&set_lane_, "UPDATE queue SET lane = ?2, not_before = 0 WHERE first_id = ?1"},
      {&set_taken_, "UPDATE taken SET taken_to = ?1"},
      {&insert_done_,
       "INSERT INTO done (first_id, last_id, done_at, content_bytes)"
       " VALUES (?1,?2,?3,?4)"},
      {&first_done_,
       "SELECT done_ix, first_id, last_id, done_at, content_bytes FROM done"
       " ORDER BY done_ix LIMIT 1"},
      {&shrink_done_,
       "UPDATE done SET first_id = ?2, content_bytes = ?3 WHERE done_ix = ?1"},
      {&delete_done_, "DELETE FROM done WHERE done_ix = ?1"},
      // Runs do not overlap: of those that begin at ?1 or before, the last one ends last.
      {&queue_holds_,
       "SELECT last_id FROM queue WHERE first_id <= ?1 ORDER BY first_id DESC LIMIT 1"},
      {&done_holds_,
       "SELECT last_id FROM done INDEXED BY done_entries WHERE first_id <= ?1"
       " ORDER BY first_id DESC LIMIT 1"},
      {&oldest_, "SELECT first_id FROM queue ORDER BY first_id LIMIT 1"},
      {&received_,
       "SELECT received_at FROM pack WHERE first_id <= ?1 ORDER BY first_id DESC LIMIT "
       "1"},
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
  at_begin_ = memory_;
  if (db_.in_transaction()) Rollback();  // the last one failed to, its disk being away
  return begin_.Run();
}

Result<void> SpoolFile::Commit() {
  if (Result<void> flushed = FlushPack(); !flushed) return flushed;
  if (Result<void> read = ReadAges(); !read) return read;
  return commit_.Run();
}

void SpoolFile::Rollback() {
  memory_ = at_begin_;
  pack_.clear();
  if (db_.in_transaction()) (void)db_.Execute("ROLLBACK");
  MeasureWal();  // a large one was written in part
}

Result<std::int64_t> SpoolFile::Insert(const SpoolEntry& entry) {
  // A large one has a pack to itself.
  if (pack_.size() + entry.body.size() > kPackBytes) {
    if (auto done = FlushPack(); !done) return done.error();
  }
  if (pack_.empty()) {
    in_pack_ = {.first_id = memory_.next_id};
    pack_received_at_ = entry.received_at;
  }
  in_pack_.last_id = memory_.next_id++;
  in_pack_.content_bytes += static_cast<std::int64_t>(ContentBytes(entry));
  pack_received_at_ = std::min(pack_received_at_, entry.received_at);
  AppendEntry(pack_, entry);
  ++memory_.counts.ready;
  return in_pack_.last_id;
}

Result<void> SpoolFile::FlushPack() {
  if (pack_.empty()) return {};
  Result<void> done =
      insert_pack_.Run(in_pack_.first_id, in_pack_.count(), Micros(pack_received_at_),
                       in_pack_.content_bytes, Blob{pack_});
  // One large mail is no reason to keep so much for ever.
  if (pack_.capacity() > 2 * kPackBytes) pack_ = std::string();
  pack_.clear();
  return done;
}

std::int64_t& SpoolFile::CountOf(Lane lane) {
  SpoolCounts& counts = memory_.counts;
  switch (lane) {
    case Lane::kReady:
      return counts.ready;
    case Lane::kSuspect:
      return counts.suspects;
    case Lane::kWaiting:
      return counts.waiting;
    case Lane::kInHand:
      break;
  }
  return counts.in_hand;
}

SpoolFile::Run SpoolFile::RunOf(const Statement& row) {
  return {row.Int(0), row.Int(1), static_cast<Lane>(row.Int(2)),
          row.Int(3), row.Int(4), row.Int(5)};
}

Result<void> SpoolFile::SelectRuns(Statement& statement, std::vector<Run>& runs,
                                   std::int64_t parameter, std::int64_t limit) {
  return statement.ForEach([&](Statement& row) { runs.push_back(RunOf(row)); }, parameter,
                           limit);
}

// Entries whose not_before has passed stand in line again, at their old place.
Result<void> SpoolFile::Promote(TimePoint now) {
  std::vector<Run> due;
  Result<void> done = SelectRuns(select_due_, due, Micros(now), kPromoteAtOnce);
  for (const Run& run : due) {
    if (!done) return done;
    const Lane lane = run.crashes > 0 ? Lane::kSuspect : Lane::kReady;
    done = set_lane_.Run(run.first_id, Sql(lane));
    memory_.counts.waiting -= run.count();
    CountOf(lane) += run.count();
  }
  return done;
}

Result<std::vector<SpoolFile::Taken>> SpoolFile::Take(TimePoint now,
                                                      std::size_t max_count,
                                                      std::size_t max_bytes) {
  std::vector<Taken> taken;
  SpoolCounts& counts = memory_.counts;
  if (auto done = FlushPack(); !done) return done.error();
  if (counts.waiting > 0) {
    if (auto done = Promote(now); !done) return done.error();
  }
  if (counts.suspect_in_hand || max_count == 0) return taken;
  const bool suspect = counts.SuspectIsNext();
  // A suspect waits until it can be alone, and the others with it.
  if (suspect && counts.in_hand > 0) return taken;

  // Oldest first: those in line again, then those that were never taken.
  std::int64_t left = suspect ? 1 : static_cast<std::int64_t>(max_count);
  std::uint64_t bytes_left = max_bytes;
  std::vector<Run> runs;
  if (counts.ready > memory_.next_id - 1 - memory_.taken_to || suspect) {
    const auto found = suspect
                           ? SelectRuns(select_suspect_, runs, Sql(Lane::kSuspect), left)
                           : SelectRuns(select_free_, runs, Sql(Lane::kReady), left);
    if (!found) return found.error();
  }
  if (!suspect && memory_.taken_to + 1 < memory_.next_id) {
    runs.push_back({.first_id = memory_.taken_to + 1, .last_id = memory_.next_id - 1});
  }
  for (const Run& run : runs) {
    if (left == 0) break;
    const auto part = TakeFrom(run, left, bytes_left, taken.empty());
    if (!part) return part.error();
    if (part->count() <= 0) break;
    taken.push_back({part->first_id, part->last_id, static_cast<int>(part->crashes)});
    left -= part->count();
    bytes_left -= std::min(bytes_left, static_cast<std::uint64_t>(part->content_bytes));
    if (part->last_id < run.last_id) break;
  }
  if (suspect && !taken.empty()) counts.suspect_in_hand = taken.front().first_id;
  counts.suspects_turn = !suspect;
  return taken;
}

// Takes as many entries off the front of `run` as may be; returns them.
Result<SpoolFile::Run> SpoolFile::TakeFrom(const Run& run, std::int64_t max_count,
                                           std::uint64_t max_bytes, bool at_least_one) {
  const std::int64_t last = std::min(run.last_id, run.first_id + max_count - 1);
  Run part = run;
  part.last_id = last;
  part.content_bytes = 0;
  // A pack that is missing is found to be so by who reads the entries.
  Result<void> done = packs_of_.ForEach(
      [&](Statement& row) {
        const std::int64_t first = std::max(row.Int(0), run.first_id);
        const std::int64_t there = std::min(row.Int(1), last) - first + 1;
        if (there <= 0) return true;
        const std::int64_t each = row.Int(2) / (row.Int(1) - row.Int(0) + 1);
        const auto room = static_cast<std::int64_t>(
            max_bytes -
            std::min(max_bytes, static_cast<std::uint64_t>(part.content_bytes)));
        std::int64_t fit = each > 0 ? std::min(room / each, there) : there;
        if (fit == 0 && at_least_one && first == run.first_id) fit = 1;
        part.content_bytes += fit * each;
        if (fit == there) return true;
        part.last_id = first + fit - 1;
        return false;
      },
      run.first_id, last);
  if (!done) return done.error();
  if (part.count() <= 0) return part;
  if (run.first_id > memory_.taken_to) {
    memory_.taken_to = part.last_id;
    done = set_taken_.Run(memory_.taken_to);
  } else {
    const auto cut = CutOut(run, part.first_id, part.last_id);
    if (!cut) return cut.error();
    part = *cut;
  }
  part.lane = Lane::kInHand;
  part.not_before = 0;
  if (done) done = InsertRun(part);
  if (!done) return done.error();
  CountOf(run.lane) -= part.count();
  memory_.counts.in_hand += part.count();
  return part;
}

Result<void> SpoolFile::InsertRun(const Run& run) {
  return insert_run_.Run(run.first_id, run.last_id, Sql(run.lane), run.crashes,
                         run.not_before, run.content_bytes);
}

// Takes the entries from `first_id` to `last_id` out of `run`, a row of `queue`: what
// lies before and behind stays as it was. Not a byte is lost by dividing.
Result<SpoolFile::Run> SpoolFile::CutOut(const Run& run, std::int64_t first_id,
                                         std::int64_t last_id) {
  Result<void> done = delete_run_.Run(run.first_id);
  const std::int64_t each = run.content_bytes / run.count();
  Run before = run, part = run, behind = run;
  before.last_id = first_id - 1;
  before.content_bytes = each * before.count();
  behind.first_id = last_id + 1;
  behind.content_bytes = each * behind.count();
  part.first_id = first_id;
  part.last_id = last_id;
  part.content_bytes -= before.content_bytes + behind.content_bytes;
  if (done && before.count() > 0) done = InsertRun(before);
  if (done && behind.count() > 0) done = InsertRun(behind);
  if (!done) return done.error();
  return part;
}

// Takes those in hand out of `queue`; an entry that is not is left alone: said twice, or
// said of a stranger. They come in falling order.
Result<std::vector<SpoolFile::Run>> SpoolFile::CutOutInHand(std::int64_t first_id,
                                                            std::int64_t last_id) {
  std::vector<Run> runs;
  const Result<void> done = select_back_.ForEach(
      [&](Statement& row) {
        const Run run = RunOf(row);
        if (run.last_id < first_id) return false;
        if (run.lane == Lane::kInHand) runs.push_back(run);
        return true;
      },
      last_id);
  if (!done) return done.error();
  for (Run& run : runs) {
    const auto part =
        CutOut(run, std::max(run.first_id, first_id), std::min(run.last_id, last_id));
    if (!part) return part.error();
    memory_.counts.in_hand -= part->count();
    run = *part;
  }
  return runs;
}

Result<void> SpoolFile::MarkDone(std::span<const std::int64_t> entry_ids, TimePoint now) {
  SpoolCounts& counts = memory_.counts;
  for (const auto& [first, last] : RangesOf(entry_ids)) {
    const auto runs = CutOutInHand(first, last);
    if (!runs) return runs.error();
    for (auto run = runs->rbegin(); run != runs->rend(); ++run) {
      const Result<void> done =
          insert_done_.Run(run->first_id, run->last_id, Micros(now), run->content_bytes);
      if (!done) return done;
      counts.done += run->count();
      counts.done_bytes += static_cast<std::uint64_t>(run->content_bytes);
      if (counts.suspect_in_hand == run->first_id) counts.suspect_in_hand.reset();
    }
  }
  return {};
}

Result<void> SpoolFile::Release(std::span<const std::int64_t> entry_ids,
                                TimePoint not_before, TimePoint now) {
  const std::int64_t wait_until = not_before > now ? Micros(not_before) : 0;
  for (const auto& [first, last] : RangesOf(entry_ids)) {
    if (auto done = ReleaseRange(first, last, wait_until); !done) return done;
  }
  return {};
}

Result<void> SpoolFile::ReleaseAll() { return ReleaseRange(1, memory_.taken_to, 0); }

// `wait_until`: not_before as it is on disk.
Result<void> SpoolFile::ReleaseRange(std::int64_t first_id, std::int64_t last_id,
                                     std::int64_t wait_until) {
  auto runs = CutOutInHand(first_id, last_id);
  if (!runs) return runs.error();
  for (Run& run : *runs) {
    if (memory_.counts.suspect_in_hand == run.first_id) {
      memory_.counts.suspect_in_hand.reset();
    }
    run.lane = wait_until > 0    ? Lane::kWaiting
               : run.crashes > 0 ? Lane::kSuspect
                                 : Lane::kReady;
    run.not_before = wait_until;
    if (const Result<void> done = InsertRun(run); !done) return done;
    CountOf(run.lane) += run.count();
  }
  return {};
}

Result<std::size_t> SpoolFile::DropDone(std::size_t max_count, TimePoint done_by) {
  SpoolCounts& counts = memory_.counts;
  std::size_t dropped = 0;
  while (dropped < max_count) {
    std::int64_t done_ix = 0;
    std::optional<Run> run;
    Result<void> done = first_done_.ForEach([&](Statement& row) {
      if (row.Int(3) > Micros(done_by)) return;
      done_ix = row.Int(0);
      run =
          Run{.first_id = row.Int(1), .last_id = row.Int(2), .content_bytes = row.Int(4)};
    });
    if (!done) return done.error();
    if (!run) break;
    // A pack at a time: what of the run lies in its first, or before it in none.
    IdRange pack{run->first_id, run->last_id};
    done = packs_of_.ForEach(
        [&](Statement& row) {
          if (row.Int(1) < run->first_id) return true;
          if (row.Int(0) > run->first_id) {
            pack.last = row.Int(0) - 1;
          } else {
            pack = {row.Int(0), row.Int(1)};
          }
          return false;
        },
        run->first_id, run->last_id);
    if (!done) return done.error();
    Run part = *run;
    if (pack.last < run->last_id) {
      part.last_id = pack.last;
      part.content_bytes = run->content_bytes / run->count() * part.count();
    }
    done = part.last_id == run->last_id
               ? delete_done_.Run(done_ix)
               : shrink_done_.Run(done_ix, part.last_id + 1,
                                  run->content_bytes - part.content_bytes);
    if (done) done = DropIfUnused(pack.first, pack.last);
    if (!done) return done.error();
    counts.done -= part.count();
    counts.done_bytes -=
        std::min(counts.done_bytes, static_cast<std::uint64_t>(part.content_bytes));
    dropped += static_cast<std::size_t>(part.count());
  }
  return dropped;
}

// Deletes the pack of these entries unless another of them is still wanted.
Result<void> SpoolFile::DropIfUnused(std::int64_t first_id, std::int64_t last_id) {
  bool held = last_id > memory_.taken_to;
  for (Statement* holds : {&queue_holds_, &done_holds_}) {
    if (held) return {};
    const Result<void> read =
        holds->ForEach([&](Statement& row) { held = row.Int(0) >= first_id; }, last_id);
    if (!read) return read;
  }
  return held ? Result<void>() : delete_pack_.Run(first_id);
}

Result<std::uint64_t> SpoolFile::UsedPageBytes() {
  if (Result<void> flushed = FlushPack(); !flushed) return flushed.error();
  std::int64_t pages = 0;
  Result<void> read = page_count_.ForEach([&](Statement& row) { pages += row.Int(0); });
  if (!read) return read.error();
  read = free_count_.ForEach([&](Statement& row) { pages -= row.Int(0); });
  if (!read) return read.error();
  return static_cast<std::uint64_t>(pages) * page_bytes_;
}

void SpoolFile::MeasureWal() {
  struct stat status;
  if (stat((db_.path() + "-wal").c_str(), &status) != 0) return;
  wal_bytes_ = static_cast<std::uint64_t>(status.st_size);
}

// After each COMMIT, with the pages that the WAL has by then. The file is asked only when
// the WAL may have been begun anew, which is when SQLite cuts it back: asked after each
// write, a file gets a time of its own for each of them, and that is one more block in
// every fsync (Linux 6.13 and later).
void SpoolFile::NoteWal(std::uint64_t pages) {
  if (wal_pages_ == 0 || pages <= wal_pages_) MeasureWal();
  wal_pages_ = pages;
  wal_bytes_ =
      std::max(wal_bytes_, kWalHeaderBytes + pages * (page_bytes_ + kWalFrameBytes));
}

Result<void> SpoolFile::Checkpoint() {
  wal_pages_ = 0;  // until the next COMMIT tells
  return db_.Checkpoint();
}

// The three ages, each the first row of a table or an index. That of the oldest is its
// pack's: entries of one pack came within moments.
Result<void> SpoolFile::ReadAges() {
  SpoolCounts& counts = memory_.counts;
  counts.oldest_at.reset();
  if (counts.depth() > 0) {
    std::int64_t oldest = memory_.taken_to + 1;
    Result<void> read =
        oldest_.ForEach([&](Statement& row) { oldest = std::min(oldest, row.Int(0)); });
    if (!read) return read;
    read = received_.ForEach(
        [&](Statement& row) { counts.oldest_at = FromMicros(row.Int(0)); }, oldest);
    if (!read) return read;
  }
  const std::pair<Statement*, std::optional<TimePoint>*> ages[] = {
      {&next_due_, &counts.next_due}, {&oldest_done_, &counts.oldest_done_at}};
  for (const auto& [statement, age] : ages) {
    age->reset();
    const Result<void> read = statement->ForEach(
        [age = age](Statement& row) { *age = FromMicros(row.Int(0)); });
    if (!read) return read;
  }
  return {};
}

}  // namespace tlsrpt::ingest
