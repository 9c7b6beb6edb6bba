// Copies the spool's WAL into its file while the writer goes on.
//
// A copy of 8 MB and its fsync take some 10 ms, in which nobody would get a 250. What is
// committed meanwhile stays in the WAL: the writer copies that itself, a few pages, and
// SQLite begins the WAL anew. What fails here it would try again, and tell.
//
// Threads  the writer's; it has one of its own, and a connection.
// Lifetime ends before the SpoolFile; a copy that is under way is waited for.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/result.h"
#include "ingest/spool/sqlite.h"

namespace tlsrpt::ingest {

class WalCopier {
 public:
  // Of a spool that this process writes.
  static Result<std::unique_ptr<WalCopier>> Open(const std::string& path);
  ~WalCopier();

  void Begin();
  // From Begin() until all is copied that was committed then, and maybe more.
  bool IsCopying() const;

 private:
  explicit WalCopier(Database db);
  void Main();

  Database db_;  // the thread's
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool copying_ = false;
  bool ending_ = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace tlsrpt::ingest
