// What can only be seen inside one transaction: two who take at the same time, entries of
// one pack with different fates.
#include "ingest/spool/spool_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>

#include "tests/support/temp_dir.h"

namespace tlsrpt::ingest {
namespace {

using Ids = std::vector<std::int64_t>;

class SpoolFileTest : public ::testing::Test {
 protected:
  void Open() {
    file_.reset();
    auto opened = SpoolFile::Open((dir_.path() / "spool.sqlite").string());
    ASSERT_TRUE(opened) << opened.error().message;
    file_ = std::move(*opened);
  }
  void Insert(int count) {
    ASSERT_TRUE(file_->Begin());
    for (int i = 0; i < count; ++i) ASSERT_TRUE(file_->Insert(SpoolEntry{}));
    ASSERT_TRUE(file_->Commit());
  }
  Ids TakeIds(std::size_t max_count, std::size_t max_bytes = 1 << 20) {
    const auto taken = file_->Take(TimePoint(), max_count, max_bytes);
    EXPECT_TRUE(taken);
    Ids ids;
    if (!taken) return ids;
    for (const SpoolFile::Taken& run : *taken) {
      for (auto id = run.first_id; id <= run.last_id; ++id) ids.push_back(id);
    }
    return ids;
  }
  std::size_t Take(std::size_t max_count) { return TakeIds(max_count).size(); }
  void MarkDone(const Ids& ids, TimePoint now = {}) {
    ASSERT_TRUE(file_->MarkDone(ids, now));
  }
  // In a transaction of its own.
  template <class F>
  void Transact(const F& work) {
    ASSERT_TRUE(file_->Begin());
    work();
    ASSERT_TRUE(file_->Commit());
  }
  std::int64_t Packs() {
    sqlite3* db = nullptr;
    std::int64_t packs = 0;
    EXPECT_EQ(sqlite3_open(file_->path().c_str(), &db), SQLITE_OK);
    sqlite3_exec(
        db, "SELECT count(*) FROM pack",
        [](void* out, int, char** values, char**) {
          *static_cast<std::int64_t*>(out) = std::atoll(values[0]);
          return 0;
        },
        &packs, nullptr);
    sqlite3_close(db);
    return packs;
  }

  test::TempDir dir_;
  std::unique_ptr<SpoolFile> file_;
};

TEST_F(SpoolFileTest, TwoTakesOfOneTransactionShareNoSuspect) {
  Open();
  Insert(2);
  ASSERT_TRUE(file_->Begin());
  ASSERT_EQ(Take(2), 2u);
  ASSERT_TRUE(file_->Commit());
  Open();  // both are suspects now
  Insert(2);
  EXPECT_EQ(file_->counts().suspects, 2);

  ASSERT_TRUE(file_->Begin());
  EXPECT_EQ(Take(1), 1u) << "one of the others";
  EXPECT_EQ(Take(1), 0u) << "the suspect's turn, and it would not be alone";
  file_->Rollback();
  EXPECT_EQ(file_->counts().ready, 2);
  EXPECT_EQ(file_->counts().in_hand, 0);

  ASSERT_TRUE(file_->Begin());
  EXPECT_EQ(Take(2), 2u);
  ASSERT_TRUE(file_->MarkDone(std::vector<std::int64_t>{3, 4}, TimePoint()));
  EXPECT_EQ(Take(2), 1u) << "a suspect, alone";
  EXPECT_TRUE(file_->counts().suspect_in_hand);
  EXPECT_EQ(Take(2), 0u) << "and nothing beside it";
  ASSERT_TRUE(file_->Commit());
}

// The counts kept in memory are those of the file.
TEST_F(SpoolFileTest, CountsAreTheFiles) {
  Open();
  Insert(5);
  ASSERT_TRUE(file_->Begin());
  ASSERT_EQ(Take(3), 3u);
  ASSERT_TRUE(file_->MarkDone(std::vector<std::int64_t>{1}, TimePoint()));
  ASSERT_TRUE(file_->Release(std::vector<std::int64_t>{2},
                             TimePoint(std::chrono::seconds(9)), TimePoint()));
  ASSERT_TRUE(file_->Commit());
  const SpoolCounts before = file_->counts();
  EXPECT_EQ(before.depth(), 4);
  Open();
  const SpoolCounts& after = file_->counts();
  EXPECT_EQ(after.ready, before.ready);
  EXPECT_EQ(after.waiting, before.waiting);
  EXPECT_EQ(after.in_hand, 0);
  EXPECT_EQ(after.suspects, before.in_hand);
  EXPECT_EQ(after.done, before.done);
  EXPECT_EQ(after.done_bytes, before.done_bytes);
  EXPECT_EQ(after.done_bytes, kEntryOverheadBytes);
  EXPECT_EQ(after.next_due, TimePoint(std::chrono::seconds(9)));
}

// Runs of ids become one statement each: what is not in hand and lies between, or is said
// twice, is left alone.
TEST_F(SpoolFileTest, OnlyWhatIsInHandIsDone) {
  Open();
  Insert(8);
  ASSERT_TRUE(file_->Begin());
  ASSERT_EQ(Take(6), 6u);
  ASSERT_TRUE(file_->Release(std::vector<std::int64_t>{4}, TimePoint(), TimePoint()));
  // 4 was given back, 7 and 8 were never taken, 99 is nobody.
  ASSERT_TRUE(file_->MarkDone(std::vector<std::int64_t>{2, 3, 4, 5, 3, 6, 7, 8, 99, 1},
                              TimePoint()));
  ASSERT_TRUE(file_->Commit());
  EXPECT_EQ(file_->counts().done, 5);
  EXPECT_EQ(file_->counts().in_hand, 0);
  EXPECT_EQ(file_->counts().ready, 3);
  EXPECT_EQ(file_->counts().done_bytes, 5 * kEntryOverheadBytes);

  Open();
  EXPECT_EQ(file_->counts().done, 5);
  EXPECT_EQ(file_->counts().suspects, 0);
  ASSERT_TRUE(file_->Begin());
  EXPECT_EQ(TakeIds(9), (Ids{4, 7, 8}));
  ASSERT_TRUE(file_->Commit());
}

// --- packs: what became durable together has one row
// ------------------------------------

TEST_F(SpoolFileTest, TakesPartsOfPacks) {
  Open();
  Insert(5);
  Insert(5);
  EXPECT_EQ(Packs(), 2);
  Transact([&] { EXPECT_EQ(TakeIds(3), (Ids{1, 2, 3})); });
  Transact([&] { EXPECT_EQ(TakeIds(4), (Ids{4, 5, 6, 7})) << "over the end of one"; });
  Transact([&] {
    ASSERT_TRUE(file_->Release(Ids{2, 5, 6}, TimePoint(), TimePoint()));
    EXPECT_EQ(TakeIds(2), (Ids{2, 5})) << "those in line again come first";
    EXPECT_EQ(TakeIds(9), (Ids{6, 8, 9, 10}));
  });
  EXPECT_EQ(file_->counts().in_hand, 10);
  Open();
  EXPECT_EQ(file_->counts().suspects, 10) << "each of them, whatever its run";
}

TEST_F(SpoolFileTest, BytesAreSharedOutEvenly) {
  Open();
  Insert(10);  // of kEntryOverheadBytes each
  constexpr std::size_t kEach = kEntryOverheadBytes;
  Transact([&] {
    EXPECT_EQ(TakeIds(9, 0), Ids{1}) << "one at least";
    EXPECT_EQ(TakeIds(9, 3 * kEach), (Ids{2, 3, 4}));
    EXPECT_EQ(TakeIds(9, 3 * kEach - 1), (Ids{5, 6}));
    EXPECT_EQ(TakeIds(2, 9 * kEach), (Ids{7, 8}));
  });
}

// A large entry would keep small ones from being dropped, and they it.
TEST_F(SpoolFileTest, ALargeEntryHasAPackOfItsOwn) {
  Open();
  SpoolEntry large;
  large.body = std::string(100'000, 'x');
  Transact([&] {
    ASSERT_TRUE(file_->Insert(SpoolEntry{}));
    ASSERT_TRUE(file_->Insert(large));
    ASSERT_TRUE(file_->Insert(SpoolEntry{}));
    ASSERT_TRUE(file_->Insert(SpoolEntry{}));
  });
  EXPECT_EQ(Packs(), 3);
}

TEST_F(SpoolFileTest, APackGoesWhenNoneOfItIsWanted) {
  Open();
  Insert(6);
  Insert(2);
  const TimePoint early(std::chrono::seconds(1)), late(std::chrono::seconds(2));
  Transact([&] {
    ASSERT_EQ(Take(5), 5u);
    MarkDone({1, 2}, early);
    MarkDone({5}, early);
    MarkDone({3}, late);
  });
  const auto drop = [&](TimePoint done_by) {
    std::size_t dropped = 0;
    Transact([&] {
      const auto result = file_->DropDone(99, done_by);
      ASSERT_TRUE(result);
      dropped = *result;
    });
    return dropped;
  };
  EXPECT_EQ(drop(early), 3u);
  EXPECT_EQ(Packs(), 2) << "3 is kept, 4 in hand, 6 was never taken";
  EXPECT_EQ(file_->counts().done, 1);
  EXPECT_EQ(file_->counts().done_bytes, kEntryOverheadBytes);
  EXPECT_EQ(drop(late), 1u);
  EXPECT_EQ(Packs(), 2) << "4 and 6 are still wanted";
  Transact([&] { MarkDone({4}, late); });
  EXPECT_EQ(drop(late), 1u);
  EXPECT_EQ(Packs(), 2) << "6 was never taken";
  Transact([&] {
    EXPECT_EQ(TakeIds(9), (Ids{6, 7, 8}));
    MarkDone({6, 7, 8}, late);
  });
  EXPECT_EQ(drop(late), 3u);
  EXPECT_EQ(Packs(), 0);
  EXPECT_EQ(file_->counts().done, 0);
  EXPECT_EQ(file_->counts().done_bytes, 0u);
  Open();
  EXPECT_EQ(file_->counts().depth(), 0) << "nothing comes back";
  Insert(1);
  Transact([&] { EXPECT_EQ(TakeIds(9), Ids{9}) << "and no id is given twice"; });
}

// Entries of unlike size share their pack's bytes; the sum stays what it was.
TEST_F(SpoolFileTest, NoByteIsLostByDividing) {
  Open();
  std::uint64_t bytes = 0;
  Transact([&] {
    for (int i = 0; i < 7; ++i) {
      SpoolEntry entry;
      entry.body = std::string(static_cast<std::size_t>(i * i), 'x');
      bytes += ContentBytes(entry);
      ASSERT_TRUE(file_->Insert(entry));
    }
  });
  Transact([&] {
    ASSERT_EQ(Take(7), 7u);
    ASSERT_TRUE(file_->Release(Ids{3}, TimePoint(), TimePoint()));
    ASSERT_EQ(TakeIds(9), Ids{3});
    MarkDone({5, 6});
    MarkDone({1, 2, 3, 4, 7});
  });
  EXPECT_EQ(file_->counts().done_bytes, bytes);
  Transact([&] { EXPECT_EQ(*file_->DropDone(99, TimePoint::max()), 7u); });
  EXPECT_EQ(file_->counts().done_bytes, 0u);
}

// A pack that is missing, as after a repair by hand, keeps no other from being dropped.
TEST_F(SpoolFileTest, AGapIsPassedOver) {
  Open();
  for (int i = 0; i < 3; ++i) Insert(2);
  Transact([&] {
    ASSERT_EQ(Take(6), 6u);
    MarkDone({1, 2, 3, 4, 5, 6});
  });
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(file_->path().c_str(), &db), SQLITE_OK);
  EXPECT_EQ(
      sqlite3_exec(db, "DELETE FROM pack WHERE first_id < 5", nullptr, nullptr, nullptr),
      SQLITE_OK);
  sqlite3_close(db);
  Transact([&] { EXPECT_EQ(*file_->DropDone(99, TimePoint::max()), 6u); });
  EXPECT_EQ(Packs(), 0);
}

// As few go as are needed, though they were done at once.
TEST_F(SpoolFileTest, DropsAPackAtATime) {
  Open();
  for (int i = 0; i < 4; ++i) Insert(3);
  Transact([&] {
    ASSERT_EQ(Take(12), 12u);
    MarkDone({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  });
  Transact([&] { EXPECT_EQ(*file_->DropDone(4, TimePoint::max()), 6u); });
  EXPECT_EQ(Packs(), 2);
  EXPECT_EQ(file_->counts().done, 6);
  EXPECT_EQ(file_->counts().done_bytes, 6 * kEntryOverheadBytes);
}

TEST_F(SpoolFileTest, ARollbackTakesBackWhatWasToBeWritten) {
  Open();
  Insert(2);
  ASSERT_TRUE(file_->Begin());
  ASSERT_TRUE(file_->Insert(SpoolEntry{}));
  ASSERT_EQ(Take(3), 3u);
  ASSERT_TRUE(file_->Insert(SpoolEntry{}));
  file_->Rollback();
  EXPECT_EQ(file_->counts().ready, 2);
  Insert(1);
  Transact([&] { EXPECT_EQ(TakeIds(9), (Ids{1, 2, 3})); });
}

// Random steps, beside a plain list of what each entry is.
TEST_F(SpoolFileTest, RunsAreWhatAListOfEntriesWouldBe) {
  Open();
  std::mt19937 random(8461);
  std::map<std::int64_t, char> state;  // r(eady), h(and), w(aiting), d(one)
  std::int64_t next = 1;
  const TimePoint start(std::chrono::seconds(1000)), later(std::chrono::seconds(2000));
  const auto some_in_hand = [&] {
    Ids ids;
    for (const auto& [id, is] : state) {
      if (is == 'h' && random() % 3 != 0) ids.push_back(id);
    }
    return ids;
  };
  for (int step = 0; step < 1500; ++step) {
    SCOPED_TRACE(step);
    ASSERT_TRUE(file_->Begin());
    const auto before = state;
    const auto next_before = next;
    for (int i = static_cast<int>(random() % 5); i > 0; --i) {
      ASSERT_TRUE(file_->Insert(SpoolEntry{}));
      state[next++] = 'r';
    }
    switch (random() % 5) {
      case 0:
      case 1: {
        const std::size_t want = random() % 12;
        Ids expected;
        for (const auto& [id, is] : state) {
          if (is == 'r' && expected.size() < want) expected.push_back(id);
        }
        const auto taken = file_->Take(start, want, 1 << 20);
        ASSERT_TRUE(taken);
        Ids ids;
        for (const SpoolFile::Taken& run : *taken) {
          for (auto id = run.first_id; id <= run.last_id; ++id) ids.push_back(id);
        }
        EXPECT_EQ(ids, expected);
        for (const auto id : ids) state[id] = 'h';
        break;
      }
      case 2: {
        const Ids ids = some_in_hand();
        MarkDone(ids, start);
        for (const auto id : ids) state[id] = 'd';
        break;
      }
      case 3: {
        const bool wait = random() % 4 == 0;
        const Ids ids = some_in_hand();
        ASSERT_TRUE(file_->Release(ids, wait ? later : start, start));
        for (const auto id : ids) state[id] = wait ? 'w' : 'r';
        break;
      }
      default: {
        const auto dropped = file_->DropDone(random() % 8, start);
        ASSERT_TRUE(dropped);
        // Which ones is the order in which they were done; here only how many.
        std::size_t left = *dropped;
        const auto done = std::count_if(state.begin(), state.end(), [](const auto& one) {
          return one.second == 'd';
        });
        EXPECT_EQ(file_->counts().done, done - static_cast<std::int64_t>(left));
        if (left == static_cast<std::size_t>(done)) {
          std::erase_if(state, [](const auto& one) { return one.second == 'd'; });
        } else if (left > 0) {
          file_->Rollback();
          state = before;
          next = next_before;
          ASSERT_TRUE(file_->Begin());
        }
      }
    }
    ASSERT_TRUE(file_->Commit());
    std::map<char, std::int64_t> count;
    for (const auto& [id, is] : state) ++count[is];
    ASSERT_EQ(file_->counts().ready, count['r']);
    ASSERT_EQ(file_->counts().in_hand, count['h']);
    ASSERT_EQ(file_->counts().waiting, count['w']);
    ASSERT_EQ(file_->counts().done, count['d']);
    ASSERT_EQ(file_->counts().done_bytes,
              static_cast<std::uint64_t>(count['d']) * kEntryOverheadBytes);
    if (step % 500 == 499) {  // an orderly end: what is in hand is ready again
      Transact([&] { ASSERT_TRUE(file_->ReleaseAll()); });
      for (auto& [id, is] : state) is = is == 'h' ? 'r' : is;
      Open();
      EXPECT_EQ(file_->counts().suspects, 0);
      EXPECT_EQ(file_->counts().ready, count['r'] + count['h']);
    }
  }
  EXPECT_GT(next, 1500) << "it was not an empty spool";
  EXPECT_LT(Packs(), next / 2);
}

}  // namespace
}  // namespace tlsrpt::ingest
