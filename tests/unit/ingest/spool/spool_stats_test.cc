#include "ingest/spool/spool_stats.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "ingest/spool/spool_list.h"
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

// As on a disk that is mounted read-only: the file is there and can be read.
TEST_F(SpoolTest, AFolderThatCannotBeWrittenToIsNamed) {
  constexpr uid_t kNobody = 65534;
  Open();
  ASSERT_TRUE(Put("a"));
  spool_.reset();
  const auto folder = std::filesystem::path(options_.path).parent_path();
  std::filesystem::permissions(options_.path, std::filesystem::perms(0444));
  std::filesystem::permissions(folder, std::filesystem::perms(0555));
  const uid_t user = geteuid();
  ASSERT_TRUE(user != 0 || seteuid(kNobody) == 0);
  const auto stats = ingest::ReadSpoolStats(options_.path);
  const auto list = ingest::ListSpool(options_.path, 10);
  ASSERT_TRUE(user != 0 || seteuid(user) == 0);
  std::filesystem::permissions(folder, std::filesystem::perms(0755));
  ASSERT_FALSE(stats);
  ASSERT_FALSE(list);
  for (const Error& error : {stats.error(), list.error()}) {
    EXPECT_EQ(error.kind, ErrorKind::kUnavailable);
    EXPECT_EQ(error.message,
              options_.path + ": to read it SQLite makes " + options_.path +
                  "-shm, and " + folder.string() +
                  " cannot be written to (Permission denied): change that, or look at a "
                  "copy of both the file and, where it is there, " +
                  options_.path + "-wal in another folder");
  }
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
