#include "ingest/spool/spool_stats.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/unit/ingest/spool/spool_fixture.h"

namespace tlsrpt::test {
namespace {

TEST_F(SpoolTest, StatsFromOutsideAreThoseFromInside) {
  const auto absent = ingest::ReadSpoolStats(options_.path);
  ASSERT_TRUE(absent) << absent.error().message;
  EXPECT_FALSE(absent->has_value());

  Open();
  for (const char* body : {"a", "b", "c", "d"}) ASSERT_TRUE(Put(body));
  const auto items = Take(3);
  spool_->MarkDone({items[0].entry_id});
  spool_->Release({items[1].entry_id}, clock_.Now() + std::chrono::hours(1));
  Settle();
  for (const char* why : {"beside the running spool", "after it has stopped"}) {
    SCOPED_TRACE(why);
    const auto stats = ingest::ReadSpoolStats(options_.path);
    ASSERT_TRUE(stats) << stats.error().message;
    ASSERT_TRUE(stats->has_value());
    EXPECT_EQ((*stats)->depth, 4);
    EXPECT_EQ((*stats)->waiting, 1);
    EXPECT_EQ((*stats)->spool_id, spool_->Stats().spool_id);
    EXPECT_EQ((*stats)->oldest_at, spool_->Stats().oldest_at);
    spool_->Stop();
  }
}

TEST_F(SpoolTest, StatsAfterACrash) {
  Open();
  for (const char* body : {"a", "b", "c"}) ASSERT_TRUE(Put(body));
  ASSERT_EQ(Take(2).size(), 2u);
  Crash();
  EXPECT_EQ(spool_->Stats().suspects, 2);
  const auto stats = ingest::ReadSpoolStats(options_.path);
  ASSERT_TRUE(stats && stats->has_value());
  EXPECT_EQ((*stats)->suspects, 2);
  EXPECT_EQ((*stats)->depth, 3);
}

TEST_F(SpoolTest, StatsOfNoSpoolAreAnError) {
  const auto refused = [&] {
    const auto stats = ingest::ReadSpoolStats(options_.path);
    ASSERT_FALSE(stats);
    EXPECT_NE(stats.error().message.find(options_.path), std::string::npos);
  };
  Open();
  spool_.reset();
  Sql("UPDATE identity SET spool_id = x'0102'");
  refused();
  Sql("DELETE FROM identity");
  refused();
  std::ofstream(options_.path) << std::string(999, 'x');
  refused();
}

}  // namespace
}  // namespace tlsrpt::test
