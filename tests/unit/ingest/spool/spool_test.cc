#include "ingest/spool/spool.h"

#include <gtest/gtest.h>

#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "ingest/spool/recent_entries.h"
#include "tests/unit/ingest/spool/same_entry.h"
#include "tests/unit/ingest/spool/spool_fixture.h"

namespace tlsrpt::test {
namespace {

using namespace std::chrono_literals;

TEST_F(SpoolTest, GivesBackEveryByte) {
  Open();
  SpoolEntry entry = Entry(std::string("\0\xff\r\n.", 5) + std::string(300'000, 'b'));
  entry.peer = "[2001:db8::1]:25431";
  entry.helo = std::string("he\0lo\xfe", 6);
  entry.tls = "TLSv1.3";
  entry.peer_trusted = true;
  entry.envelope_from = "";
  entry.envelope_to = {"tlsrpt@firm.example", "", "a,b:c@firm.example"};
  ASSERT_TRUE(Put(entry));

  for (const char* from : {"memory", "the file"}) {
    SCOPED_TRACE(from);
    const auto items = Take();
    ASSERT_EQ(items.size(), 1u);
    EXPECT_EQ(items[0].crashes, 0);
    ExpectSame(items[0].entry, entry);
    Open();  // given back, and no longer in memory
  }
}

TEST_F(SpoolTest, WhatMemoryDoesNotHoldIsReadFromTheFile) {
  const std::string mb(1u << 20, 'm');
  std::size_t held = 0;  // of 1 MB; the others are larger than what is left then
  Strings all;
  Open();
  const auto put = [&](const std::string& body) {
    all.push_back(body + std::to_string(all.size()));
    ASSERT_TRUE(Put(all.back()));
  };
  while ((held + 1) * (mb.size() + 1024) < ingest::kRecentBytes) {
    put(mb);
    ++held;
  }
  put(mb + mb);
  put("small");
  put(mb + mb);
  put("small");
  put(mb + mb);

  EXPECT_EQ(TakeBodies(held), Strings(all.begin(), all.begin() + held));
  EXPECT_EQ(TakeBodies(2), Strings(all.begin() + held, all.begin() + held + 2));
  // What is in memory is not looked for in the file.
  Sql("DELETE FROM pack WHERE first_id = " + std::to_string(held + 4));
  EXPECT_EQ(TakeBodies(), Strings(all.begin() + held + 2, all.end()));
}

TEST_F(SpoolTest, AnEmptyBodyIsAnEntry) {
  Open();
  ASSERT_TRUE(Put(""));
  EXPECT_EQ(TakeBodies(), Strings{""});
}

TEST_F(SpoolTest, EachIsTakenOnceAndCounted) {
  Open();
  EXPECT_TRUE(Take().empty());
  const TimePoint first = clock_.Now();
  ASSERT_TRUE(Put("a"));
  clock_.Move(1s);
  ASSERT_TRUE(Put("b"));
  EXPECT_EQ(spool_->Stats().depth, 2);
  EXPECT_EQ(spool_->Stats().oldest_at, first);
  EXPECT_GT(spool_->Stats().used_bytes, 0u);

  const auto a = Take(1);
  EXPECT_EQ(Bodies(a), Strings{"a"});
  EXPECT_EQ(TakeBodies(), Strings{"b"});
  EXPECT_TRUE(Take().empty());
  EXPECT_EQ(spool_->Stats().depth, 2) << "in hand is not done";

  spool_->MarkDone(Ids(a));
  spool_->MarkDone(Ids(a));            // said twice
  spool_->MarkDone({0, -1, 999'999});  // of strangers
  Settle("c");
  EXPECT_EQ(spool_->Stats().depth, 2);
  EXPECT_EQ(spool_->Stats().done, 1);
  EXPECT_EQ(spool_->Stats().oldest_at, first + 1s);
}

TEST_F(SpoolTest, TakeLimits) {
  struct Row {
    const char* why;
    std::size_t max_count, max_bytes;
    Strings want;
  };
  const std::string kb(1000, 'k');
  const Row rows[] = {
      {"oldest first, up to the count", 2, kAnyBytes, {"1", "2"}},
      {"all", kAny, kAnyBytes, {"1", "2", kb, "4"}},
      {"none asked for", 0, kAnyBytes, {}},
      {"at least one, however large", kAny, 0, {"1"}},
      {"stops before the one that is too much", kAny, 1000, {"1", "2"}},
      {"room for the large one", kAny, 2000, {"1", "2", kb}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    Open();
    for (const std::string& body : Strings{"1", "2", kb, "4"}) ASSERT_TRUE(Put(body));
    auto items = Take(row.max_count, row.max_bytes);
    EXPECT_EQ(Bodies(items), row.want);
    while (!items.empty()) {
      spool_->MarkDone(Ids(items));
      items = Take();
    }
  }
}

TEST_F(SpoolTest, ReleasedWaitsForItsTimeAndKeepsItsPlace) {
  Open();
  for (const char* body : {"a", "b", "c"}) ASSERT_TRUE(Put(body));
  spool_->Release(Ids(Take(2)), clock_.Now() + 30s);
  Settle("d");
  EXPECT_EQ(spool_->Stats().waiting, 2);
  EXPECT_EQ(spool_->Stats().depth, 4);
  EXPECT_EQ(TakeBodies(1), Strings{"c"});

  clock_.Move(30s - 1us);
  EXPECT_EQ(TakeBodies(), Strings{"d"}) << "a microsecond early";
  ASSERT_TRUE(Put("e"));
  clock_.Move(1us);
  const auto items = Take();
  EXPECT_EQ(Bodies(items), (Strings{"a", "b", "e"}));
  EXPECT_EQ(items[0].crashes, 0) << "to be released is no crash";
  EXPECT_EQ(spool_->Stats().waiting, 0);
}

TEST_F(SpoolTest, ReleasedIntoThePastIsThereAtOnce) {
  Open();
  ASSERT_TRUE(Put("a"));
  spool_->Release(Ids(Take()), clock_.Now());
  Settle();
  EXPECT_EQ(spool_->Stats().waiting, 0);
  EXPECT_EQ(TakeBodies(1), Strings{"a"});
}

TEST_F(SpoolTest, WaitingSurvivesARestart) {
  Open();
  ASSERT_TRUE(Put("a"));
  spool_->Release(Ids(Take()), clock_.Now() + 1h);
  Settle("b");
  Open();
  EXPECT_EQ(spool_->Stats().waiting, 1);
  EXPECT_EQ(TakeBodies(), Strings{"b"});
  EXPECT_FALSE(spool_->WaitForWork(0ms));
  clock_.Move(1h);
  EXPECT_TRUE(spool_->WaitForWork(0ms));
  EXPECT_EQ(TakeBodies(), Strings{"a"});
}

TEST_F(SpoolTest, WaitForWorkIsWokenByAPut) {
  Open();
  EXPECT_FALSE(spool_->WaitForWork(0ms));
  auto waiting = std::async(std::launch::async, [&] { return spool_->WaitForWork(1h); });
  ASSERT_TRUE(Put("a"));
  EXPECT_TRUE(waiting.get());
}

TEST_F(SpoolTest, StopEndsEverything) {
  Open();
  ASSERT_TRUE(Put("a"));
  ASSERT_EQ(Take().size(), 1u);
  auto waiting = std::async(std::launch::async, [&] { return spool_->WaitForWork(1h); });

  // What is queued when Stop() comes is made durable.
  FaultyDisk::Get().Hold();
  std::atomic<int> durable = 0;
  constexpr int kQueued = 1500;  // more than one transaction takes
  for (int i = 0; i < kQueued; ++i) {
    spool_->Put(Entry("q" + std::to_string(i)), [&](Result<void> done) {
      if (done) ++durable;
    });
    if (i == 0) FaultyDisk::Get().AwaitHeld();
  }
  auto stopping = std::async(std::launch::async, [&] { spool_->Stop(); });
  EXPECT_FALSE(waiting.get());
  FaultyDisk::Get().LetGo();
  stopping.get();
  EXPECT_EQ(durable, kQueued);

  const Result<void> late = Put("late");
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, ErrorKind::kUnavailable);
  EXPECT_TRUE(Take().empty());
  EXPECT_FALSE(spool_->Stats().accepting);
  spool_->Stop();

  // What was in hand is free again, and nobody died with it.
  Open();
  const auto items = Take(kQueued + 1);
  ASSERT_EQ(items.size(), std::size_t{kQueued + 1});
  EXPECT_EQ(items[0].entry.body, "a");
  EXPECT_EQ(items[kQueued].entry.body, "q" + std::to_string(kQueued - 1));
  EXPECT_EQ(items[0].crashes, 0);
}

TEST_F(SpoolTest, ManyShareOneSync) {
  Open();
  FaultyDisk& disk = FaultyDisk::Get();
  const int before = disk.syncs;
  disk.Hold();
  std::atomic<int> durable = 0;
  std::promise<void> all;
  for (int i = 0; i < 101; ++i) {
    spool_->Put(Entry("x"), [&](Result<void> done) {
      EXPECT_TRUE(done);
      if (++durable == 101) all.set_value();
    });
    if (i == 0) disk.AwaitHeld();
  }
  EXPECT_EQ(durable, 0) << "nobody is told before the sync";
  disk.LetGo();
  all.get_future().wait();
  EXPECT_EQ(disk.syncs - before, 2) << "the first, and the hundred that waited for it";
}

TEST_F(SpoolTest, TakenIsDurableBeforeItIsGiven) {
  Open();
  ASSERT_TRUE(Put("a"));
  FaultyDisk& disk = FaultyDisk::Get();
  const int before = disk.syncs;
  ASSERT_EQ(Take().size(), 1u);
  EXPECT_EQ(disk.syncs - before, 1);
}

// Every entry exactly once, however many put, take and give back.
TEST_F(SpoolTest, ManyAtOnce) {
  Open();
  constexpr int kPutters = 4, kEach = 200;
  std::mutex mutex;
  std::map<std::string, int> done;
  std::atomic<int> left = kPutters * kEach;
  std::vector<std::thread> threads;
  for (int p = 0; p < kPutters; ++p) {
    threads.emplace_back([&, p] {
      for (int i = 0; i < kEach; ++i) {
        EXPECT_TRUE(Put(std::to_string(p) + "/" + std::to_string(i)));
      }
    });
  }
  for (int w = 0; w < 2; ++w) {
    threads.emplace_back([&] {
      for (int round = 0; left > 0; ++round) {
        if (!spool_->WaitForWork(10ms)) continue;
        const auto items = Take(7);
        if (round % 3 == 0) {
          spool_->Release(Ids(items), clock_.Now());
          continue;
        }
        const std::lock_guard lock(mutex);
        for (const SpoolItem& item : items) ++done[item.entry.body];
        left -= static_cast<int>(items.size());
        spool_->MarkDone(Ids(items));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(done.size(), std::size_t{kPutters * kEach});
  for (const auto& [body, times] : done) EXPECT_EQ(times, 1) << body;
}

}  // namespace
}  // namespace tlsrpt::test
