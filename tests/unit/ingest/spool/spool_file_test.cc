// What can only be seen inside one transaction: two who take at the same time.
#include "ingest/spool/spool_file.h"

#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace tlsrpt::ingest {
namespace {

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
  std::size_t Take(std::size_t max_count) {
    const auto taken = file_->Take(TimePoint(), max_count, 1 << 20);
    EXPECT_TRUE(taken);
    return taken ? taken->size() : 0;
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
  const auto taken = file_->Take(TimePoint(), 9, 1 << 20);
  ASSERT_TRUE(taken);
  std::vector<std::int64_t> ids;
  for (const auto& one : *taken) ids.push_back(one.entry_id);
  EXPECT_EQ(ids, (std::vector<std::int64_t>{4, 7, 8}));
  ASSERT_TRUE(file_->Commit());
}

}  // namespace
}  // namespace tlsrpt::ingest
