// Opening the spool's file: the lock, the version, the settings, and what a process
// that died has left.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "base/text.h"
#include "ingest/spool/netstring.h"
#include "ingest/spool/spool_file.h"

namespace tlsrpt::ingest {
namespace {

// 8 KiB holds two mails of the usual 3 KB where they come alone. Larger pages make small
// transactions dear, since each page that was touched is logged whole.
constexpr int kPageBytes = 8192;
// The writer touches the ends of its tables; the rest is read once.
constexpr int kWriterCacheKib = 16 * 1024;
// After a peak the WAL file is cut back to this.
constexpr int kWalFileBytes = 16 << 20;
// Nobody else should have the file open; an administrator with a shell may, briefly.
constexpr int kBusyMilliseconds = 2000;

std::string Pragma(const char* name, std::int64_t value) {
  return std::string("PRAGMA ") + name + " = " + std::to_string(value) + ";";
}

// The new file's name is durable only when its folder is (fsync(2)).
Result<void> SyncFolderOf(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  const std::string folder = parent.empty() ? "." : parent.string();
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = fd >= 0 && fsync(fd) == 0;
  const int number = errno;
  if (fd >= 0) close(fd);
  if (synced) return {};
  return Error{ErrorKind::kUnavailable,
               folder + ": fsync: " + std::generic_category().message(number)};
}

// A damaged file is not mended here: what it holds may be all there is.
Error Unusable(const std::string& path, const std::string& why) {
  return Error{ErrorKind::kMalformed,
               path + ": not a usable spool: " + why +
                   ". To start with an empty one, move this file and " + path +
                   "-wal elsewhere; `sqlite3 FILE .recover` can often save the entries"};
}

}  // namespace

Result<std::unique_ptr<SpoolFile>> SpoolFile::Open(const std::string& path) {
  Result<FileLock> lock = FileLock::Take(path + "-lock");
  if (!lock) return lock.error();
  Result<Database> db = Database::Open(path);
  if (!db) return db.error();
  std::unique_ptr<SpoolFile> file(new SpoolFile(std::move(*lock), std::move(*db)));

  for (const auto step : {&SpoolFile::CheckVersion, &SpoolFile::Configure,
                          &SpoolFile::PrepareAll, &SpoolFile::Recover}) {
    const Result<void> done = (file.get()->*step)();
    if (done) continue;
    const int code = sqlite3_errcode(file->db_.handle()) & 0xff;
    const bool damaged = code == SQLITE_NOTADB || code == SQLITE_CORRUPT;
    return damaged ? Unusable(path, done.error().message) : done.error();
  }
  if (const Result<void> synced = SyncFolderOf(path); !synced) return synced.error();
  return file;
}

// Looks before anything is written, so that a file of somebody else stays as it is.
Result<void> SpoolFile::CheckVersion() {
  if (auto done = db_.Execute(Pragma("busy_timeout", kBusyMilliseconds)); !done) {
    return done;
  }
  const Result<std::string> tables = db_.Value("SELECT count(*) FROM sqlite_schema");
  if (!tables) return tables.error();
  const Result<std::string> application = db_.Value("PRAGMA application_id");
  if (!application) return application.error();
  const Result<std::string> version = db_.Value("PRAGMA user_version");
  if (!version) return version.error();

  if (*tables == "0" && *version == "0") return {};  // new
  if (*application != std::to_string(kSpoolApplicationId)) {
    return Unusable(db_.path(), "an SQLite database of another program");
  }
  const auto number = ParseUnsigned(*version);
  if (!number || *number == 0 || *number > kSpoolVersion) {
    return Error{ErrorKind::kMalformed,
                 db_.path() + ": spool format " + *version + ", this program knows " +
                     std::to_string(kSpoolVersion) +
                     "; use the version of tlsrptd that wrote it, or a newer one"};
  }
  return {};
}

Result<void> SpoolFile::Configure() {
  // Checkpoints are made by hand, after those who wait have been told.
  // secure_delete (Debian's default) would write every freed page once more.
  const std::string settings =
      Pragma("page_size", kPageBytes) + Pragma("secure_delete", 0) +
      Pragma("cache_size", -kWriterCacheKib) +
      Pragma("journal_size_limit", kWalFileBytes) + Pragma("wal_autocheckpoint", 0);
  if (auto done = db_.Execute(settings); !done) return done;
  const Result<std::string> mode = db_.Value("PRAGMA journal_mode = WAL");
  if (!mode) return mode.error();
  if (*mode != "wal") {
    return Error{ErrorKind::kUnavailable,
                 db_.path() +
                     ": its file system has no shared memory for SQLite's WAL "
                     "(journal mode " +
                     *mode + "); use a local one"};
  }
  // In WAL mode FULL is one fsync of the log in each COMMIT.
  if (auto done = db_.Execute("PRAGMA synchronous = FULL"); !done) return done;
  sqlite3_wal_hook(
      db_.handle(),
      [](void* file, sqlite3*, const char*, int pages) {
        static_cast<SpoolFile*>(file)->NoteWal(static_cast<std::uint64_t>(pages));
        return SQLITE_OK;
      },
      this);

  const Result<std::string> version = db_.Value("PRAGMA user_version");
  if (!version) return version.error();
  if (*version != std::to_string(kSpoolVersion)) {
    if (auto done = db_.Execute("BEGIN IMMEDIATE"); !done) return done;
    const Result<void> done = Upgrade(*version);
    if (!done) {
      if (db_.in_transaction()) (void)db_.Execute("ROLLBACK");
      return done;
    }
  }
  const Result<std::string> page_bytes = db_.Value("PRAGMA page_size");
  if (!page_bytes) return page_bytes.error();
  page_bytes_ = std::stoull(*page_bytes);
  MeasureWal();
  return {};
}

// From what an empty file or an older version is to what this one is, in one transaction.
// Version 1 knew no trusted peers, 2 had no identity, 3 a row for each entry.
Result<void> SpoolFile::Upgrade(const std::string& version) {
  const bool is_new = version == "0";
  std::string steps;
  if (version == "1") {
    steps = "ALTER TABLE content ADD COLUMN peer_trusted INTEGER NOT NULL DEFAULT 0;";
  }
  if (!is_new) {
    steps +=
        "ALTER TABLE queue RENAME TO old_queue; DROP INDEX queue_free;"
        "ALTER TABLE done RENAME TO old_done;";
  }
  if (version != "3") steps += kSpoolIdentity;
  if (auto done = db_.Execute(steps + kSpoolSchema); !done) return done;
  if (!is_new) {
    auto select = db_.Prepare(
        "SELECT entry_id, receipt_id, received_at, transport, peer, helo, tls,"
        " envelope_from, envelope_to, peer_trusted, body FROM content ORDER BY entry_id");
    if (!select) return select.error();
    auto insert = db_.Prepare("INSERT INTO pack VALUES (?1, 1, ?2, ?3, ?4)");
    if (!insert) return insert.error();
    Result<void> inserted;
    const Result<void> read = select->ForEach([&](Statement& row) {
      std::string pack;
      for (int column = 1; column < 11; ++column)
        AppendNetstring(pack, row.Bytes(column));
      inserted = insert->Run(row.Int(0), row.Int(2),
                             static_cast<std::int64_t>(pack.size()), Blob{pack});
      return inserted.has_value();
    });
    if (!read) return read;
    if (!inserted) return inserted;
    const Result<void> moved = db_.Execute(
        "INSERT INTO queue SELECT entry_id, entry_id, lane, crashes, not_before,"
        " content_bytes FROM old_queue;"
        "INSERT INTO done SELECT done_ix, entry_id, entry_id, done_at, content_bytes"
        " FROM old_done;"
        "UPDATE taken SET taken_to = (SELECT ifnull(max(entry_id), 0) FROM content);"
        "DROP TABLE old_queue; DROP TABLE old_done;");
    if (!moved) return moved;
    // A statement that stands in the middle of a table keeps it from being dropped.
    *select = Statement();
    if (auto dropped = db_.Execute("DROP TABLE content"); !dropped) return dropped;
  }
  return db_.Execute(Pragma("application_id", kSpoolApplicationId) +
                     Pragma("user_version", kSpoolVersion) + "COMMIT");
}

// What was in hand when the last process died is free again, and counts.
Result<void> SpoolFile::Recover() {
  const Result<void> freed = db_.Execute(
      "UPDATE queue SET lane = 1, crashes = crashes + 1, not_before = 0 WHERE lane = 3");
  if (!freed) return freed;

  SpoolCounts& counts = memory_.counts;
  Result<Statement> lanes =
      db_.Prepare("SELECT lane, sum(last_id - first_id + 1) FROM queue GROUP BY lane");
  if (!lanes) return lanes.error();
  if (auto read = lanes->ForEach(
          [&](Statement& row) { CountOf(static_cast<Lane>(row.Int(0))) = row.Int(1); });
      !read) {
    return read;
  }
  Result<Statement> sums = db_.Prepare(
      "SELECT ifnull(sum(last_id - first_id + 1), 0), ifnull(sum(content_bytes), 0),"
      " (SELECT taken_to FROM taken),"
      " (SELECT ifnull(max(first_id + entries), 1) FROM pack) FROM done");
  if (!sums) return sums.error();
  if (auto read = sums->ForEach([&](Statement& row) {
        counts.done = row.Int(0);
        counts.done_bytes = static_cast<std::uint64_t>(row.Int(1));
        memory_.taken_to = row.Int(2);
        memory_.next_id = std::max(row.Int(2) + 1, row.Int(3));
      });
      !read) {
    return read;
  }
  counts.ready += memory_.next_id - 1 - memory_.taken_to;
  if (auto read = ReadIdentity(); !read) return read;
  return ReadAges();
}

Result<void> SpoolFile::ReadIdentity() {
  Result<Statement> identity = db_.Prepare("SELECT spool_id FROM identity");
  if (!identity) return identity.error();
  std::optional<Uuid> spool_id;
  if (auto read = identity->ForEach(
          [&](Statement& row) { spool_id = UuidFromBytes(row.Bytes(0)); });
      !read) {
    return read;
  }
  if (!spool_id) return Unusable(db_.path(), "its table identity names no spool");
  spool_id_ = *spool_id;
  return {};
}

}  // namespace tlsrpt::ingest
