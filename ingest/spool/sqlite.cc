#include "ingest/spool/sqlite.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace tlsrpt::ingest {
namespace {

ErrorKind KindOf(int code) {
  switch (code & 0xff) {  // the primary code of an extended one
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_PROTOCOL:
    case SQLITE_NOMEM:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorKind::kUnavailable;
    default:
      return ErrorKind::kInternal;
  }
}

}  // namespace

Error SqliteError(sqlite3* db, int code, std::string_view path) {
  std::string message(path);
  message += ": ";
  message += db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(code);
  const int primary = code & 0xff;
  if (db != nullptr &&
      (primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN || primary == SQLITE_FULL)) {
    if (const int number = sqlite3_system_errno(db); number != 0) {
      message += " (" + std::generic_category().message(number) + ")";
    }
  }
  return Error{KindOf(code), std::move(message)};
}

std::int64_t Statement::Int(int column) const {
  return sqlite3_column_int64(handle_.get(), column);
}

std::string_view Statement::Bytes(int column) const {
  const auto* bytes =
      static_cast<const char*>(sqlite3_column_blob(handle_.get(), column));
  const int size = sqlite3_column_bytes(handle_.get(), column);
  return bytes == nullptr ? std::string_view{}
                          : std::string_view(bytes, static_cast<std::size_t>(size));
}

int Statement::Bind(int index, std::int64_t value) {
  return sqlite3_bind_int64(handle_.get(), index, value);
}

// SQLITE_STATIC: the value lives until Finish() has reset the statement. A null pointer
// would be bound as NULL, and an empty view may hold one.
int Statement::Bind(int index, std::string_view text) {
  return sqlite3_bind_text64(handle_.get(), index, text.empty() ? "" : text.data(),
                             text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

int Statement::Bind(int index, Blob blob) {
  return sqlite3_bind_blob64(handle_.get(), index,
                             blob.bytes.empty() ? "" : blob.bytes.data(),
                             blob.bytes.size(), SQLITE_STATIC);
}

Result<void> Statement::Finish(int code) {
  if (code == SQLITE_DONE) {
    sqlite3_reset(handle_.get());
    return {};
  }
  Error error = SqliteError(sqlite3_db_handle(handle_.get()), code, path_);
  sqlite3_reset(handle_.get());
  return error;
}

Result<Database> Database::Open(const std::string& path) {
  return OpenWith(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
}

Result<Database> Database::OpenToRead(const std::string& path) {
  Result<Database> db = OpenWith(path, SQLITE_OPEN_READONLY);
  if (!db) return db;
  // The first read opens PATH-shm, the index of the WAL, and makes it where it is not
  // there. Of what keeps it from that SQLite says that the file does not exist, or that
  // it is not to be written. What else may be wrong the caller's own statements say.
  const int code =
      sqlite3_exec(db->handle(), "PRAGMA schema_version", nullptr, nullptr, nullptr);
  const int primary = code & 0xff;
  if (primary != SQLITE_CANTOPEN && primary != SQLITE_READONLY) return db;
  const std::string folder = std::filesystem::path(path).parent_path().string();
  if (faccessat(AT_FDCWD, folder.c_str(), W_OK, AT_EACCESS) == 0) return db;
  const std::string why = std::generic_category().message(errno);
  // "immutable=1" would do without it, and without what stands in the WAL.
  return Error{ErrorKind::kUnavailable,
               path + ": to read it SQLite makes " + path + "-shm, and " + folder +
                   " cannot be written to (" + why +
                   "): change that, or look at a copy of both the file and, where it is "
                   "there, " +
                   path + "-wal in another folder"};
}

Result<Database> Database::OpenWith(const std::string& path, int flags) {
  // What SQLite counts of its memory nobody asks for, and each count takes a mutex. It
  // is set before the first connection of the process, or not at all.
  static const int no_counts = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  (void)no_counts;
  Database db;
  db.path_ = std::make_unique<std::string>(path);
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &handle,
                      flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  db.handle_.reset(handle);
  if (code != SQLITE_OK) return SqliteError(handle, code, path);
  return db;
}

Result<Statement> Database::Prepare(std::string_view sql) {
  Statement statement;
  sqlite3_stmt* handle = nullptr;
  const int code =
      sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                         SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
  if (code != SQLITE_OK) return SqliteError(handle_.get(), code, *path_);
  statement.handle_.reset(handle);
  statement.path_ = *path_;
  return statement;
}

Result<void> Database::Execute(const std::string& sql) {
  const int code = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return SqliteError(handle_.get(), code, *path_);
  return {};
}

Result<void> Database::Checkpoint() {
  const int code = sqlite3_wal_checkpoint_v2(handle_.get(), nullptr,
                                             SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (code == SQLITE_OK || code == SQLITE_BUSY) return {};
  return SqliteError(handle_.get(), code, *path_);
}

Result<void> Database::Sync() {
  sqlite3_file* file = nullptr;
  int code =
      sqlite3_file_control(handle_.get(), "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (code == SQLITE_OK) {
    code = file->pMethods->xSync(file, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY);
  }
  if (code == SQLITE_OK) return {};
  return SqliteError(nullptr, code, *path_);
}

Result<std::string> Database::Value(std::string_view sql) {
  Result<Statement> statement = Prepare(sql);
  if (!statement) return statement.error();
  std::string value;
  bool first = true;
  const Result<void> done = statement->ForEach([&](Statement& row) {
    if (first) value = row.Bytes(0);
    first = false;
  });
  if (!done) return done.error();
  return value;
}

}  // namespace tlsrpt::ingest
