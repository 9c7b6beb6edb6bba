// The little of SQLite that the spool needs, with Result for errors.
//
// Errors   kUnavailable   full, I/O, read-only, locked, damaged: the disk's side
//          kInternal      everything else: a statement of ours is wrong
//          The message names the file, SQLite's words and the system's.
// Threads  a Database and its statements belong to one thread at a time.
// Lifetime statements end before their Database (declare them after it).
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/result.h"

namespace tlsrpt::ingest {

// Bytes that are stored as a BLOB; a plain string_view is stored as TEXT.
struct Blob {
  std::string_view bytes;
};

// One prepared statement, used again and again.
//
//   Result<void> done = statement.Run(id, text);
//   Result<void> done = statement.ForEach([&](Statement& row) {...}, id);
class Statement {
 public:
  Statement() = default;

  // Binds `values` to ?1, ?2, ... and runs the statement to its end. What the values
  // point to is not used afterwards.
  template <class... Values>
  Result<void> Run(const Values&... values) {
    return ForEach([](Statement&) {}, values...);
  }

  // The same, and calls `on_row` for each row. It returns nothing, or whether it wants
  // another row.
  template <class OnRow, class... Values>
  Result<void> ForEach(OnRow&& on_row, const Values&... values) {
    int index = 0;
    int code = SQLITE_OK;
    ((code = code == SQLITE_OK ? Bind(++index, values) : code), ...);
    if (code == SQLITE_OK) {
      while ((code = sqlite3_step(handle_.get())) == SQLITE_ROW) {
        if constexpr (std::is_void_v<decltype(on_row(*this))>) {
          on_row(*this);
        } else if (!on_row(*this)) {
          code = SQLITE_DONE;
          break;
        }
      }
    }
    return Finish(code);
  }

  // Columns of the current row, from 0. The view ends with the row.
  std::int64_t Int(int column) const;
  std::string_view Bytes(int column) const;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* handle) const { sqlite3_finalize(handle); }
  };

  int Bind(int index, std::int64_t value);
  int Bind(int index, std::string_view text);
  int Bind(int index, Blob blob);
  // Resets the statement; `code` SQLITE_DONE is success.
  Result<void> Finish(int code);

  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
  std::string_view path_;  // of the Database
};

class Database {
 public:
  // Creates the file where it does not exist.
  static Result<Database> Open(const std::string& path);
  // A file that another process may be writing. kUnavailable where its folder cannot be
  // written to, as on a disk that is mounted read-only, and nobody has it open: the
  // message says what to do.
  static Result<Database> OpenToRead(const std::string& path);

  Result<Statement> Prepare(std::string_view sql);
  // Runs statements separated by semicolons; rows are dropped.
  Result<void> Execute(const std::string& sql);
  // The first column of the first row: for PRAGMAs.
  Result<std::string> Value(std::string_view sql);

  // Copies the WAL into the file, as far as no reader is in the way; what other
  // connections commit meanwhile stays in the WAL. No error while another one copies.
  Result<void> Checkpoint();
  // What has been written into the file is durable then.
  Result<void> Sync();

  // Rows changed by the last statement.
  std::int64_t changes() const { return sqlite3_changes64(handle_.get()); }
  // A failed statement may have rolled back by itself.
  bool in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }
  sqlite3* handle() const { return handle_.get(); }
  const std::string& path() const { return *path_; }

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };

  static Result<Database> OpenWith(const std::string& path, int flags);

  std::unique_ptr<std::string> path_;  // does not move when the Database does
  std::unique_ptr<sqlite3, Close> handle_;
};

// What `code`, just returned by a call on `db`, means.
Error SqliteError(sqlite3* db, int code, std::string_view path);

}  // namespace tlsrpt::ingest
