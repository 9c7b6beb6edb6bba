#include "tests/unit/ingest/spool/faulty_disk.h"

#include <sqlite3.h>

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>

namespace tlsrpt::test {
namespace {

std::mutex mutex;
std::condition_variable changed;
bool hold = false;
bool hold_file = false;
int held = 0;
std::map<const sqlite3_file*, bool> is_wal;
sqlite3_vfs* real = nullptr;
decltype(sqlite3_io_methods::xSync) real_sync = nullptr;
decltype(sqlite3_io_methods::xWrite) real_write = nullptr;

int Sync(sqlite3_file* file, int flags) {
  FaultyDisk& disk = FaultyDisk::Get();
  {
    std::unique_lock lock(mutex);
    ++held;
    changed.notify_all();
    changed.wait(lock, [file] { return !hold && (!hold_file || is_wal[file]); });
    --held;
  }
  ++disk.syncs;
  if (disk.fail_syncs) return SQLITE_IOERR_FSYNC;
  return real_sync(file, flags);
}

int Write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 at) {
  if (FaultyDisk::Get().fail_writes) return SQLITE_FULL;
  return real_write(file, bytes, count, at);
}

int Open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  // The kinds of file differ in their methods, but not in these two.
  static std::map<const sqlite3_io_methods*, std::unique_ptr<sqlite3_io_methods>> patched;
  const int code = real->xOpen(real, name, file, flags, out_flags);
  if (code != SQLITE_OK || file->pMethods == nullptr) return code;
  const std::lock_guard lock(mutex);
  is_wal[file] = (flags & SQLITE_OPEN_WAL) != 0;
  auto& methods = patched[file->pMethods];
  if (!methods) {
    methods = std::make_unique<sqlite3_io_methods>(*file->pMethods);
    real_sync = methods->xSync;
    real_write = methods->xWrite;
    methods->xSync = Sync;
    methods->xWrite = Write;
  }
  file->pMethods = methods.get();
  return code;
}

}  // namespace

FaultyDisk& FaultyDisk::Get() {
  static FaultyDisk disk;
  return disk;
}

FaultyDisk::FaultyDisk() {
  static sqlite3_vfs vfs;
  real = sqlite3_vfs_find(nullptr);
  vfs = *real;
  vfs.zName = "faulty";
  vfs.xOpen = Open;
  sqlite3_vfs_register(&vfs, 1);
}

void FaultyDisk::Hold() {
  const std::lock_guard lock(mutex);
  hold = true;
}

void FaultyDisk::HoldFile() {
  const std::lock_guard lock(mutex);
  hold_file = true;
}

void FaultyDisk::LetGo() {
  const std::lock_guard lock(mutex);
  hold = hold_file = false;
  changed.notify_all();
}

void FaultyDisk::AwaitHeld() {
  std::unique_lock lock(mutex);
  changed.wait(lock, [] { return held > 0; });
}

}  // namespace tlsrpt::test
