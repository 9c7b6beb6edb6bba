// Opening the spool's file: the lock, the version, the settings, and what a process
// that died has left.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "ingest/spool/spool_file.h"
#include "ingest/spool/spool_schema.h"

namespace tlsrpt::ingest {
namespace {

// 8 KiB holds two mails of the usual 3 KB (4 KiB: one, a quarter unused). Larger pages
// make small transactions dear, since each page that was touched is logged whole.
constexpr int kPageBytes = 8192;
// The writer touches the ends of three tables and an index; the rest is read once.
constexpr int kWriterCacheKib = 16 * 1024;
constexpr int kReaderCacheKib = 2 * 1024;
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
  if (*version != "1" && *version != "2" && *version != std::to_string(kSpoolVersion)) {
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
      [](void* pages, sqlite3*, const char*, int count) {
        *static_cast<std::uint64_t*>(pages) = static_cast<std::uint64_t>(count);
        return SQLITE_OK;
      },
      &wal_pages_);

  const Result<std::string> version = db_.Value("PRAGMA user_version");
  if (!version) return version.error();
  if (*version != std::to_string(kSpoolVersion)) {
    std::string step;
    if (*version == "0") {
      step = kSpoolSchema + Pragma("application_id", kSpoolApplicationId);
    }
    if (*version == "1") step = kSpoolUpgradeFrom1;
    const Result<void> done =
        db_.Execute("BEGIN IMMEDIATE;" + step + kSpoolIdentity +
                    Pragma("user_version", kSpoolVersion) + "COMMIT");
    if (!done) return done;
  }
  const Result<std::string> page_bytes = db_.Value("PRAGMA page_size");
  if (!page_bytes) return page_bytes.error();
  page_bytes_ = std::stoull(*page_bytes);
  return {};
}

// What was in hand when the last process died is free again, and counts.
Result<void> SpoolFile::Recover() {
  const Result<void> freed = db_.Execute(
      "UPDATE queue SET lane = 1, crashes = crashes + 1, not_before = 0 WHERE lane = 3");
  if (!freed) return freed;

  Result<Statement> lanes = db_.Prepare("SELECT lane, count(*) FROM queue GROUP BY lane");
  if (!lanes) return lanes.error();
  if (auto read = lanes->ForEach([&](Statement& row) {
        const std::int64_t count = row.Int(1);
        switch (static_cast<Lane>(row.Int(0))) {
          case Lane::kReady:
            counts_.ready = count;
            break;
          case Lane::kSuspect:
            counts_.suspects = count;
            break;
          case Lane::kWaiting:
            counts_.waiting = count;
            break;
          case Lane::kInHand:
            counts_.in_hand = count;
            break;
        }
      });
      !read) {
    return read;
  }

  Result<Statement> sums = db_.Prepare(
      "SELECT count(*), ifnull(sum(content_bytes), 0),"
      " (SELECT ifnull(max(entry_id), 0) + 1 FROM content) FROM done");
  if (!sums) return sums.error();
  if (auto read = sums->ForEach([&](Statement& row) {
        counts_.done = row.Int(0);
        counts_.done_bytes = static_cast<std::uint64_t>(row.Int(1));
        next_id_ = row.Int(2);
      });
      !read) {
    return read;
  }
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
  return ReadAges();
}

Result<SpoolReader> SpoolReader::Open(const std::string& path) {
  Result<Database> db = Database::Open(path);
  if (!db) return db.error();
  SpoolReader reader(std::move(*db));
  const Result<void> configured = reader.db_.Execute(
      Pragma("busy_timeout", kBusyMilliseconds) + Pragma("cache_size", -kReaderCacheKib) +
      Pragma("query_only", 1));
  if (!configured) return configured.error();
  if (auto prepared = reader.PrepareAll(); !prepared) return prepared.error();
  return reader;
}

}  // namespace tlsrpt::ingest
