// Quota, room on the disk, what is kept, and a disk that fails.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <thread>

#include "tests/unit/ingest/spool/spool_fixture.h"

namespace tlsrpt::test {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kMiB = 1 << 20;
const std::string kBody(10'000, 'x');

class SpoolRoomTest : public SpoolTest {
 protected:
  // Puts bodies until one is refused; how many were taken.
  int Fill() {
    for (int count = 0; count < 10'000; ++count) {
      const Result<void> done = Put(kBody);
      if (done) continue;
      EXPECT_EQ(done.error().kind, ErrorKind::kUnavailable);
      EXPECT_NE(done.error().message.find("quota"), std::string::npos);
      return count;
    }
    ADD_FAILURE() << "never full";
    return 0;
  }

  // What the files hold, asked by another hand.
  std::uint64_t BytesInFiles() {
    return std::filesystem::file_size(options_.path + "-wal") +
           Number("PRAGMA page_size") *
               (Number("PRAGMA page_count") - Number("PRAGMA freelist_count"));
  }

 private:
  std::uint64_t Number(const char* sql) {
    sqlite3* db = nullptr;
    EXPECT_EQ(sqlite3_open(options_.path.c_str(), &db), SQLITE_OK);
    std::uint64_t number = 0;
    const auto read = [](void* found, int, char** values, char**) {
      *static_cast<std::uint64_t*>(found) = std::stoull(values[0]);
      return 0;
    };
    EXPECT_EQ(sqlite3_exec(db, sql, read, &number, nullptr), SQLITE_OK);
    sqlite3_close(db);
    return number;
  }
};

TEST_F(SpoolRoomTest, TheQuotaHoldsAndIsGivenBack) {
  options_.quota_bytes = 4 * kMiB;
  Open();
  const int first = Fill();
  EXPECT_GT(first, 200);
  EXPECT_LE(spool_->Stats().used_bytes, options_.quota_bytes + 64 * 1024);
  EXPECT_FALSE(spool_->Stats().accepting);
  const Result<void> room = spool_->HasRoom(10'000);
  ASSERT_FALSE(room);
  EXPECT_EQ(room.error().kind, ErrorKind::kUnavailable);
  EXPECT_NE(room.error().message.find(options_.path), std::string::npos);
  EXPECT_EQ(spool_->Stats().depth, first) << "nothing that was accepted went";

  // Done entries are kept, and go when room is needed.
  const auto items = Take(100);
  EXPECT_FALSE(spool_->HasRoom(10'000)) << "in hand is not done";
  ASSERT_EQ(items.size(), 100u);
  spool_->MarkDone(Ids(items));
  ASSERT_TRUE(Put(kBody)) << "in the same transaction";
  EXPECT_TRUE(spool_->HasRoom(10'000));
  EXPECT_TRUE(spool_->Stats().accepting);
  EXPECT_LT(spool_->Stats().done, 100);
  EXPECT_GT(spool_->Stats().done, 0) << "not more than is needed";
  const int second = Fill();
  EXPECT_GT(second, 50);
  EXPECT_EQ(spool_->Stats().done, 0);
  EXPECT_LE(spool_->Stats().used_bytes, options_.quota_bytes + 64 * 1024);
  EXPECT_EQ(spool_->Stats().depth, first - 100 + 1 + second);
}

// The size of the WAL is reckoned, and not asked for each time.
TEST_F(SpoolRoomTest, WhatIsUsedIsWhatTheFilesHold) {
  Open();
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(Put(kBody));
    EXPECT_EQ(spool_->Stats().used_bytes, BytesInFiles()) << "put " << i;
  }
  FaultyDisk::Get().fail_syncs = true;
  EXPECT_FALSE(Put(std::string(3 * kMiB, 'x')));
  FaultyDisk::Get().fail_syncs = false;
  ASSERT_TRUE(Put("small"));
  EXPECT_EQ(spool_->Stats().used_bytes, BytesInFiles()) << "after a failed COMMIT";

  options_.quota_bytes = 16 * kMiB;
  Crash();
  EXPECT_EQ(spool_->Stats().used_bytes, BytesInFiles()) << "after a crash";
  for (int i = 0; i < 600; ++i) ASSERT_TRUE(Put(kBody));
  EXPECT_LT(std::filesystem::file_size(options_.path + "-wal"), 6 * kMiB)
      << "the WAL was begun anew";
  EXPECT_EQ(spool_->Stats().used_bytes, BytesInFiles());

  options_.quota_bytes = 256 * kMiB;
  Open();
  ASSERT_TRUE(Put(std::string(20 * kMiB, 'x')));
  const auto peak = std::filesystem::file_size(options_.path + "-wal");
  for (int tries = 0; tries < 500; ++tries) {
    ASSERT_TRUE(Put("small"));
    if (std::filesystem::file_size(options_.path + "-wal") < peak) break;
    std::this_thread::sleep_for(10ms);  // it is being copied
  }
  EXPECT_LT(std::filesystem::file_size(options_.path + "-wal"), peak) << "cut back";
  EXPECT_EQ(spool_->Stats().used_bytes, BytesInFiles());
}

TEST_F(SpoolRoomTest, NobodyWaitsForTheWalToBeCopied) {
  options_.quota_bytes = 16 * kMiB;  // it is copied when it has a sixteenth of that
  Open();
  FaultyDisk& disk = FaultyDisk::Get();
  disk.HoldFile();
  for (int i = 0; i < 120; ++i) ASSERT_TRUE(Put(kBody));
  disk.AwaitHeld();  // what is copied is about to be durable
  std::promise<void> answered;
  spool_->Put(Entry("meanwhile"), [&](Result<void> done) {
    EXPECT_TRUE(done);
    answered.set_value();
  });
  EXPECT_EQ(answered.get_future().wait_for(10s), std::future_status::ready);
  disk.LetGo();
}

TEST_F(SpoolRoomTest, TheWalIsBegunAnewUnderLoad) {
  options_.quota_bytes = 16 * kMiB;
  Open();
  for (int i = 0; i < 900; ++i) ASSERT_TRUE(Put(kBody));
  EXPECT_LT(std::filesystem::file_size(options_.path + "-wal"), 4 * kMiB)
      << "9 MB went through it";
  EXPECT_EQ(Take().size(), 900u);
}

// SQLite writes on into a file without a name, which is gone at the next start.
TEST_F(SpoolRoomTest, NothingIsTakenIntoAFileThatIsNoLongerThere) {
  Open();
  ASSERT_TRUE(Put("one"));
  const std::string aside = options_.path + ".aside";
  std::filesystem::rename(options_.path, aside);
  // The writer looks after each round; what came in the one before is in `aside`.
  int taken = 1;
  const auto accepts = [&](bool wanted) {
    for (int tries = 0; tries < 500; ++tries) {
      const Result<void> done = Put("another");
      if (done) ++taken;
      if (done.has_value() == wanted) return done;
      std::this_thread::sleep_for(10ms);
    }
    return Result<void>(Error{ErrorKind::kInternal, "never"});
  };
  Result<void> done = accepts(false);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::kUnavailable);
  EXPECT_NE(done.error().message.find("moved or removed"), std::string::npos);
  EXPECT_FALSE(spool_->HasRoom(1));
  EXPECT_FALSE(spool_->Stats().accepting);

  std::filesystem::copy_file(aside, options_.path);  // another file of that name
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(Put("another"));
  std::filesystem::rename(aside, options_.path);
  EXPECT_TRUE(accepts(true));
  EXPECT_EQ(spool_->Stats().depth, taken);
}

TEST_F(SpoolRoomTest, AsManyDoneGoAsALargeOneNeeds) {
  options_.quota_bytes = 4 * kMiB;
  Open();
  Fill();
  spool_->MarkDone(Ids(Take(200)));
  ASSERT_TRUE(Put(kBody));
  EXPECT_TRUE(spool_->HasRoom(kMiB)) << "what can be given up is room";
  EXPECT_TRUE(Put(std::string(kMiB, 'x')));
  EXPECT_LT(spool_->Stats().done, 140);
  EXPECT_GT(spool_->Stats().done, 0);
}

TEST_F(SpoolRoomTest, TheLongestDoneGoFirst) {
  options_.quota_bytes = 4 * kMiB;
  Open();
  Fill();
  const auto older = Take(40);
  const auto newer = Take(40);
  spool_->MarkDone(Ids(newer));  // done first, though received later
  Settle("between");
  spool_->MarkDone(Ids(older));
  Settle("after");
  ASSERT_GT(spool_->Stats().done, 0);
  while (spool_->Stats().done > 20) ASSERT_TRUE(Put(kBody));
  spool_->Stop();
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(options_.path.c_str(), &db), SQLITE_OK);
  std::int64_t least_kept = 0;
  sqlite3_exec(
      db, "SELECT max(last_id) FROM done",
      [](void* out, int, char** values, char**) {
        *static_cast<std::int64_t*>(out) = std::atoll(values[0]);
        return 0;
      },
      &least_kept, nullptr);
  sqlite3_close(db);
  EXPECT_LE(least_kept, older.back().entry_id);
}

TEST_F(SpoolRoomTest, LargerThanTheQuotaIsForEver) {
  options_.quota_bytes = kMiB;
  Open();
  const std::string body(2 * kMiB, 'x');
  EXPECT_EQ(spool_->HasRoom(body.size()).error().kind, ErrorKind::kTooLarge);
  EXPECT_EQ(Put(body).error().kind, ErrorKind::kTooLarge);
  EXPECT_TRUE(Put("small"));
}

TEST_F(SpoolRoomTest, DoneIsKeptForKeep) {
  options_.keep = 1h;
  Open();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(Put(kBody));
  spool_->MarkDone(Ids(Take(10)));
  Settle();
  clock_.Move(30min);
  spool_->MarkDone(Ids(Take(10)));
  Settle();
  EXPECT_EQ(spool_->Stats().done, 20);
  const auto used = spool_->Stats().used_bytes;
  clock_.Move(30min - 1us);
  Settle();
  EXPECT_EQ(spool_->Stats().done, 20);
  clock_.Move(1us);
  Settle();
  EXPECT_EQ(spool_->Stats().done, 10) << "an hour after it was done";
  EXPECT_LT(spool_->Stats().used_bytes, used + 80 * 1024) << "its pages are free";
  clock_.Move(30min);
  Settle();
  EXPECT_EQ(spool_->Stats().done, 0);
}

TEST_F(SpoolRoomTest, WhatExpiresGoesWithoutTraffic) {
  options_.keep = 1h;
  Open();
  ASSERT_TRUE(Put("a"));
  spool_->MarkDone(Ids(Take()));
  Settle();
  ASSERT_EQ(Take().size(), 1u);  // now there is nothing to do
  ASSERT_EQ(spool_->Stats().done, 1);
  clock_.Move(1h);
  // At the writer's next tick; a minute is the test's patience.
  for (int i = 0; i < 600 && spool_->Stats().done > 0; ++i) spool_->WaitForWork(100ms);
  EXPECT_EQ(spool_->Stats().done, 0);
}

TEST_F(SpoolRoomTest, RefusesBeforeTheDiskIsFull) {
  options_.min_free_disk_bytes = std::uint64_t{1} << 60;
  Open();
  const Result<void> room = spool_->HasRoom(1);
  ASSERT_FALSE(room);
  EXPECT_EQ(room.error().kind, ErrorKind::kUnavailable);
  EXPECT_NE(room.error().message.find("min_free_disk"), std::string::npos);
  EXPECT_EQ(Put("a").error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(spool_->Stats().depth, 0);
}

// --- a disk that fails ---------------------------------------------------------------

struct Fault {
  const char* why;
  std::atomic<bool> FaultyDisk::*fail;
};
const Fault kFaults[] = {{"fsync fails", &FaultyDisk::fail_syncs},
                         {"the disk is full", &FaultyDisk::fail_writes}};

TEST_F(SpoolRoomTest, AFailedCommitFailsItsPutsAndNothingElse) {
  for (const Fault& fault : kFaults) {
    SCOPED_TRACE(fault.why);
    FaultyDisk& disk = FaultyDisk::Get();
    Open();
    ASSERT_TRUE(Put("before"));
    const auto before = Take();
    ASSERT_EQ(before.size(), 1u);

    disk.*fault.fail = true;
    const Result<void> put = Put("lost");
    ASSERT_FALSE(put);
    EXPECT_EQ(put.error().kind, ErrorKind::kUnavailable);
    EXPECT_NE(put.error().message.find(options_.path), std::string::npos);
    EXPECT_FALSE(spool_->Stats().trouble.empty());
    EXPECT_EQ(spool_->Stats().depth, 1);
    spool_->MarkDone(Ids(before));
    EXPECT_FALSE(Put("lost too"));
    EXPECT_EQ(spool_->Stats().done, 0);
    disk.*fault.fail = false;

    ASSERT_TRUE(Put("after"));
    EXPECT_TRUE(spool_->Stats().trouble.empty());
    EXPECT_EQ(spool_->Stats().done, 1) << "what came back meanwhile is not forgotten";
    EXPECT_EQ(TakeBodies(), Strings{"after"});
    spool_.reset();
    for (const char* end : {"", "-wal", "-shm"}) {
      std::filesystem::remove(options_.path + end);
    }
  }
}

TEST_F(SpoolRoomTest, ATakeThatIsNotDurableGivesNothing) {
  Open();
  ASSERT_TRUE(Put("a"));
  FaultyDisk::Get().fail_syncs = true;
  const auto items = spool_->Take(kAny, kAnyBytes);
  FaultyDisk::Get().fail_syncs = false;
  ASSERT_FALSE(items);
  EXPECT_EQ(items.error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(TakeBodies(), Strings{"a"});
}

TEST_F(SpoolRoomTest, AnUnreadableEntryStopsNobody) {
  Open();
  for (const char* body : {"a", "b", "c"}) ASSERT_TRUE(Put(body));
  Open();  // or they would be in memory
  Sql("DELETE FROM pack WHERE first_id = 2");
  EXPECT_EQ(TakeBodies(), (Strings{"a", "c"}));
  Settle();
  EXPECT_EQ(spool_->Stats().waiting, 1) << "it is not dropped either";
  EXPECT_EQ(TakeBodies(), Strings{"settle"});
  clock_.Move(1h);
  const auto alone = spool_->Take(kAny, kAnyBytes);
  ASSERT_FALSE(alone);
  EXPECT_NE(alone.error().message.find("entry 2"), std::string::npos);
}

}  // namespace
}  // namespace tlsrpt::test
