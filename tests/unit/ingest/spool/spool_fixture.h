// What the spool's tests share: a folder, a clock to move, entries, and the wait for a
// put's answer.
#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ingest/spool/spool.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/ingest/spool/faulty_disk.h"

namespace tlsrpt::test {

class FakeClock final : public Clock {
 public:
  TimePoint Now() const override { return TimePoint(std::chrono::microseconds(now_)); }
  void Move(std::chrono::microseconds by) { now_ += by.count(); }

 private:
  std::atomic<std::int64_t> now_{1'790'000'000'000'000};
};

using ingest::Spool;
using ingest::SpoolEntry;
using ingest::SpoolItem;
using ingest::SpoolOptions;

inline constexpr std::size_t kAny = 1000;
inline constexpr std::size_t kAnyBytes = 1u << 30;

class SpoolTest : public ::testing::Test {
 protected:
  SpoolTest() {
    FaultyDisk::Get();
    options_.path = (dir_.path() / "spool.sqlite").string();
    options_.min_free_disk_bytes = 0;
  }

  void Open() {
    spool_.reset();
    auto opened = Spool::Open(options_, clock_);
    ASSERT_TRUE(opened) << opened.error().message;
    spool_ = std::move(*opened);
  }

  // What a kill leaves: the files as they are now, opened by the next process.
  void Crash() {
    static int number = 0;
    const std::filesystem::path next = dir_.path() / std::to_string(++number);
    std::filesystem::create_directory(next);
    for (const char* end : {"", "-wal"}) {
      const std::string from = options_.path + end;
      if (std::filesystem::exists(from)) {
        std::filesystem::copy_file(from, next / (std::string("spool.sqlite") + end));
      }
    }
    options_.path = (next / "spool.sqlite").string();
    Open();
  }

  SpoolEntry Entry(const std::string& body) const {
    SpoolEntry entry;
    entry.receipt_id = MakeUuidV7(clock_.Now());
    entry.received_at = clock_.Now();
    entry.transport = "smtp";
    entry.body = body;
    return entry;
  }

  // Waits for the answer.
  Result<void> Put(SpoolEntry entry) {
    auto answer = std::make_shared<std::promise<Result<void>>>();
    auto future = answer->get_future();
    spool_->Put(std::move(entry),
                [answer](Result<void> done) { answer->set_value(done); });
    return future.get();
  }
  Result<void> Put(const std::string& body) { return Put(Entry(body)); }

  std::vector<SpoolItem> Take(std::size_t max_count = kAny,
                              std::size_t max_bytes = kAnyBytes) {
    auto items = spool_->Take(max_count, max_bytes);
    EXPECT_TRUE(items) << items.error().message;
    return items ? std::move(*items) : std::vector<SpoolItem>();
  }

  static std::vector<std::string> Bodies(const std::vector<SpoolItem>& items) {
    std::vector<std::string> bodies;
    for (const SpoolItem& item : items) bodies.push_back(item.entry.body);
    return bodies;
  }
  static std::vector<std::int64_t> Ids(const std::vector<SpoolItem>& items) {
    std::vector<std::int64_t> ids;
    for (const SpoolItem& item : items) ids.push_back(item.entry_id);
    return ids;
  }
  std::vector<std::string> TakeBodies(std::size_t max_count = kAny) {
    return Bodies(Take(max_count));
  }

  // Changes the file by another hand.
  void Sql(const std::string& sql) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(options_.path.c_str(), &db), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(db);
  }

  // MarkDone and Release are durable soon; a put that follows is in no earlier
  // transaction.
  void Settle(const std::string& body = "settle") { ASSERT_TRUE(Put(body)); }

  TempDir dir_;
  FakeClock clock_;
  SpoolOptions options_;
  std::unique_ptr<Spool> spool_;
};

using Strings = std::vector<std::string>;

}  // namespace tlsrpt::test
