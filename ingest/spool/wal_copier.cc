#include "ingest/spool/wal_copier.h"

#include <utility>

#include "base/crash_point.h"
#include "base/thread.h"

namespace tlsrpt::ingest {

Result<std::unique_ptr<WalCopier>> WalCopier::Open(const std::string& path) {
  Result<Database> db = Database::Open(path);
  if (!db) return db.error();
  // What is copied is durable before the WAL is written over.
  if (auto done = db->Execute("PRAGMA synchronous = FULL"); !done) return done.error();
  return std::unique_ptr<WalCopier>(new WalCopier(std::move(*db)));
}

WalCopier::WalCopier(Database db) : db_(std::move(db)), thread_([this] { Main(); }) {}

WalCopier::~WalCopier() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void WalCopier::Begin() {
  {
    const std::lock_guard lock(mutex_);
    copying_ = true;
  }
  wake_.notify_one();
}

bool WalCopier::IsCopying() const {
  const std::lock_guard lock(mutex_);
  return copying_;
}

void WalCopier::Main() {
  NameThread("spool-copy");
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return copying_ || ending_; });
    if (ending_) return;
    lock.unlock();
    CrashPoint("spool.before_copy");
    // SQLite syncs the file when it has got all of the WAL, which is the writer's part.
    if (db_.Checkpoint()) (void)db_.Sync();
    CrashPoint("spool.after_copy");
    lock.lock();
    copying_ = false;
  }
}

}  // namespace tlsrpt::ingest
