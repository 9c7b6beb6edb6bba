// What the embedded server asks of the file system, without a server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "store/embedded/binaries.h"
#include "store/embedded/data_dir_lock.h"
#include "store/embedded/postmaster_pid.h"
#include "store/embedded/server.h"
#include "store/embedded/server_log.h"
#include "store/embedded/service_user.h"
#include "store/embedded/socket_dir.h"
#include "tests/support/temp_dir.h"

namespace tlsrpt::store {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

void Write(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file) << text;
}

void Install(const fs::path& root, const std::string& major) {
  for (const char* name : {"postgres", "initdb"}) {
    const fs::path file = root / major / "bin" / name;
    Write(file, "");
    fs::permissions(file, fs::perms::owner_all);
  }
}

TEST(DataDirLockTest, OneAtATimeAndTheHolderIsNamed) {
  const test::TempDir dir;
  EXPECT_FALSE(DataDirLock::HolderOf(dir.path()));
  {
    auto first = DataDirLock::TryLock(dir.path());
    ASSERT_TRUE(first && *first);
    const auto second = DataDirLock::TryLock(dir.path());
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_FALSE(*second);
    EXPECT_EQ(DataDirLock::HolderOf(dir.path()), getpid());
  }
  const auto third = DataDirLock::TryLock(dir.path());
  ASSERT_TRUE(third);
  EXPECT_TRUE(*third);
}

TEST(DataDirLockTest, DiesWithItsProcess) {
  const test::TempDir dir;
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto lock = DataDirLock::TryLock(dir.path());
    if (lock && *lock) kill(getpid(), SIGKILL);
    _exit(1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(DataDirLock::HolderOf(dir.path()), child);
  const auto lock = DataDirLock::TryLock(dir.path());
  ASSERT_TRUE(lock);
  EXPECT_TRUE(*lock);
}

TEST(DataDirLockTest, NoFolderIsAnErrorThatNamesIt) {
  const auto lock = DataDirLock::TryLock("/nonexistent/here");
  ASSERT_FALSE(lock);
  EXPECT_THAT(lock.error().message, HasSubstr("/nonexistent/here/lock"));
}

struct BinariesRow {
  const char* why;
  std::vector<std::string> installed;
  const char* cluster;  // what PG_VERSION says; empty: no cluster
  int want;             // 0: an error
  std::vector<std::string> says;
};

TEST(FindBinariesTest, NewestForANewClusterItsOwnForAnOldOne) {
  const BinariesRow kRows[] = {
      {"the newest, by number", {"15", "9", "16"}, "", 16, {}},
      {"not an old one", {"13", "15"}, "", 15, {}},
      {"a cluster keeps its version", {"15", "17"}, "15\n", 15, {}},
      {"other folders do not matter", {"15", "old", "15.bak"}, "", 15, {}},
      {"upgraded Debian",
       {"17"},
       "15\n",
       0,
       {"was made by PostgreSQL 15", "only version 17 is installed",
        "install postgresql-15", "pg_upgrade"}},
      {"cluster from the future",
       {"15", "16"},
       "17\n",
       0,
       {"was made by PostgreSQL 17", "only version 15, 16 is installed"}},
      {"nothing",
       {},
       "",
       0,
       {"no PostgreSQL server, 15 or newer", "package `postgresql`"}},
      {"only a client's version", {"14"}, "", 0, {"no PostgreSQL server"}},
      {"PG_VERSION is rubbish", {"15"}, "fifteen\n", 0, {"PG_VERSION does not hold"}},
      {"PG_VERSION is empty", {"15"}, "\n", 0, {"PG_VERSION does not hold"}},
  };
  for (const BinariesRow& row : kRows) {
    SCOPED_TRACE(row.why);
    const test::TempDir dir;
    fs::create_directories(dir.path() / "lib");
    for (const std::string& major : row.installed) Install(dir.path() / "lib", major);
    if (*row.cluster != 0) Write(dir.path() / "data/PG_VERSION", row.cluster);
    const auto found = FindBinaries(dir.path() / "lib", dir.path() / "data");
    ASSERT_EQ(found.has_value(), row.want != 0);
    if (found) {
      EXPECT_EQ(found->major, row.want);
      EXPECT_EQ(found->folder, dir.path() / "lib" / std::to_string(row.want) / "bin");
      continue;
    }
    EXPECT_EQ(found.error().kind, ErrorKind::kUnavailable);
    for (const std::string& part : row.says) {
      EXPECT_THAT(found.error().message, HasSubstr(part));
    }
  }
}

TEST(FindBinariesTest, HalfAnInstallationDoesNotCount) {
  const test::TempDir dir;
  Install(dir.path(), "15");
  Install(dir.path(), "16");
  fs::remove(dir.path() / "16/bin/initdb");
  const auto found = FindBinaries(dir.path(), dir.path() / "none");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->major, 15);
}

TEST(ServiceUserTest, UnknownUserIsNamed) {
  if (geteuid() != 0) GTEST_SKIP() << "only root changes the user";
  const auto user = FindServiceUser("nobody-has-this-name");
  ASSERT_FALSE(user);
  EXPECT_THAT(user.error().message, HasSubstr("\"nobody-has-this-name\""));
  const auto root = FindServiceUser("root");
  ASSERT_FALSE(root);
  EXPECT_THAT(root.error().message, HasSubstr("does not run as root"));
}

TEST(ServiceUserTest, FirstFolderThatBlocksIsNamed) {
  if (geteuid() != 0) GTEST_SKIP() << "needs a second user";
  const auto user = FindServiceUser("postgres");
  ASSERT_TRUE(user) << user.error().message;
  const test::TempDir dir;
  const fs::path deep = dir.path() / "a/b/c";
  fs::create_directories(deep);
  EXPECT_TRUE(CheckReachable(deep, *user));
  fs::permissions(dir.path() / "a/b", fs::perms::owner_all);
  fs::permissions(deep, fs::perms::owner_all);
  const auto blocked = CheckReachable(deep, *user);
  ASSERT_FALSE(blocked);
  EXPECT_THAT(blocked.error().message,
              HasSubstr("cannot enter " + (dir.path() / "a/b").string() +
                        " on the way to " + deep.string()));
  EXPECT_THAT(blocked.error().message, HasSubstr("user postgres"));
  // The owner may enter what others may not.
  fs::permissions(dir.path() / "a/b", fs::perms::all);
  ASSERT_EQ(chown(deep.c_str(), user->uid, user->gid), 0);
  EXPECT_TRUE(CheckReachable(deep, *user));
}

TEST(SocketDirTest, LongPathsGetAShortName) {
  EXPECT_EQ(SocketDirFor("/var/lib/tlsrptd", true), "/var/lib/tlsrptd/pg-socket");
  // 15 bytes of name, and the folder: 107 in all fit, 108 do not.
  const std::string fits = "/" + std::string(107 - 28, 'd');
  const std::string socket = SocketDirFor(fits, true).string() + "/.s.PGSQL.5432";
  EXPECT_EQ(SocketDirFor(fits, true), fits + "/pg-socket");
  EXPECT_LE(socket.size() + 1, sizeof(sockaddr_un::sun_path));
  for (const bool root : {true, false}) {
    const std::string longer = fits + "dddd";
    const fs::path elsewhere = SocketDirFor(longer, root);
    EXPECT_EQ(elsewhere.parent_path(), root ? "/run" : "/tmp");
    EXPECT_EQ(elsewhere, SocketDirFor(longer, root));
    EXPECT_NE(elsewhere, SocketDirFor(longer + "e", root));
    EXPECT_LE((elsewhere / ".s.PGSQL.5432").string().size(), kMaxSocketPathBytes);
  }
}

TEST(SocketDirTest, SomebodyElsesFolderIsRefused) {
  const test::TempDir dir;
  const auto me = FindServiceUser("postgres");
  ASSERT_TRUE(me);
  const fs::path mine = dir.path() / "mine";
  ASSERT_TRUE(MakePrivateDir(mine, *me));
  EXPECT_TRUE(MakePrivateDir(mine, *me)) << "a second time";
  EXPECT_EQ(fs::status(mine).permissions(), fs::perms::owner_all);

  fs::permissions(mine, fs::perms::owner_all | fs::perms::others_exec);
  auto refused = MakePrivateDir(mine, *me);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("open to other users"));
  fs::permissions(mine, fs::perms::owner_all);

  fs::create_directory_symlink(mine, dir.path() / "link");
  refused = MakePrivateDir(dir.path() / "link", *me);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("is no folder"));

  Write(dir.path() / "file", "");
  EXPECT_FALSE(MakePrivateDir(dir.path() / "file", *me));

  if (geteuid() == 0) {
    ASSERT_EQ(chown(mine.c_str(), 65534, 65534), 0);
    refused = MakePrivateDir(mine, *me);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("belongs to user number 65534"));
  }
}

TEST(PostmasterPidTest, ReadsWhatPostgresWrites) {
  const test::TempDir dir;
  EXPECT_FALSE(ReadPostmasterPid(dir.path()));
  const fs::path file = dir.path() / "postmaster.pid";
  Write(file, "4711\n/data\n1700000000\n5433\n/run/x\n\n  12345  67\nready   \n");
  auto found = ReadPostmasterPid(dir.path());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->pid, 4711);
  EXPECT_EQ(found->port, 5433);
  EXPECT_EQ(found->socket_dir, "/run/x");
  EXPECT_FALSE(found->stopping);
  Write(file, "4711\n/data\n1700000000\n5433\n/run/x\n\n  12345  67\nstopping\n");
  EXPECT_TRUE(ReadPostmasterPid(dir.path())->stopping);
  Write(file, "4711\n/data\n");  // while it starts
  found = ReadPostmasterPid(dir.path());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->port, 0);
  EXPECT_TRUE(found->socket_dir.empty());
  EXPECT_FALSE(found->stopping);
  for (const char* rubbish : {"", "x\n", "-1\n", "0\n", "99999999999\n"}) {
    Write(file, rubbish);
    EXPECT_FALSE(ReadPostmasterPid(dir.path())) << rubbish;
  }
}

TEST(ServerLogTest, QuotesTheLastComplaintsOfThisStart) {
  const test::TempDir dir;
  const fs::path monday = dir.path() / "postgresql-Mon.log";
  const fs::path tuesday = dir.path() / "postgresql-Tue.log";
  const auto append = [](const fs::path& file, const std::string& text) {
    std::ofstream(file, std::ios::app) << text;
  };
  EXPECT_EQ(ComplaintsSince(dir.path() / "absent", MarkLog(dir.path() / "absent")), "");
  EXPECT_TRUE(MarkLog(dir.path()).file.empty());
  append(monday, "2026 UTC [1] FATAL:  of yesterday\n");
  append(tuesday, "2026 UTC [1] FATAL:  of the start before\n");
  fs::last_write_time(monday, fs::file_time_type::clock::now() - std::chrono::hours(24));

  const LogMark mark = MarkLog(dir.path());
  EXPECT_EQ(mark.file, tuesday);
  EXPECT_EQ(ComplaintsSince(dir.path(), mark), "");
  append(tuesday,
         "2026 UTC [2] LOG:  starting\n"
         "2026 UTC [3] ERROR:  one too many\n"
         "2026 UTC [3] FATAL:  the cause\n"
         "2026 UTC [4] FATAL:  the database system is starting up\n"
         "2026 UTC [5] PANIC:  " +
             std::string(1000, 'x') +
             "\n"
             "2026 UTC [2] LOG:  aborting\n"
             "2026 UTC [6] ERROR:  \xFF, cut sho");
  EXPECT_EQ(ComplaintsSince(dir.path(), mark),
            "2026 UTC [3] FATAL:  the cause\n2026 UTC [5] PANIC:  " +
                std::string(279, 'x') + "\n2026 UTC [6] ERROR:  \xEF\xBF\xBD, cut sho");

  Write(tuesday, "2026 UTC [7] FATAL:  a week later\n");  // shorter than it was
  EXPECT_EQ(ComplaintsSince(dir.path(), mark), "2026 UTC [7] FATAL:  a week later");
  append(dir.path() / "postgresql-Wed.log", "2026 UTC [8] FATAL:  after midnight\n");
  fs::last_write_time(tuesday, fs::file_time_type::clock::now() - std::chrono::hours(1));
  EXPECT_EQ(ComplaintsSince(dir.path(), mark), "2026 UTC [8] FATAL:  after midnight");
}

TEST(ServerLogTest, FollowsNoLink) {
  const test::TempDir dir, other;
  Write(other.path() / "secret", "2026 UTC [1] FATAL:  not to be seen\n");
  fs::create_symlink(other.path() / "secret", dir.path() / "postgresql-Mon.log");
  EXPECT_EQ(ComplaintsSince(dir.path(), {}), "");
}

TEST(PostmasterPidTest, ANumberOfAnotherProcessIsNotThePostmaster) {
  const test::TempDir dir;
  EXPECT_FALSE(IsPostmasterOf(getpid(), dir.path()));
  EXPECT_TRUE(IsPostmasterOf(getpid(), fs::current_path()));
}

// As root PostgreSQL's user passes through each folder that was made for it, whatever the
// umask; what was there is the administrator's.
TEST(EnsureDataDirTest, EachFolderThatItMakesIsPassedThrough) {
  const test::TempDir dir;
  const fs::path there = dir.path() / "there";
  fs::create_directory(there);
  fs::permissions(there, fs::perms(0751));
  const mode_t umask_before = umask(077);
  const auto made = EnsureDataDir(there / "a/b/c");
  umask(umask_before);
  ASSERT_TRUE(made) << made.error().message;
  for (const char* name : {"a", "a/b", "a/b/c"}) {
    EXPECT_EQ(fs::status(there / name).permissions(),
              geteuid() == 0 ? fs::perms(0711) : fs::perms(0700))
        << name;
  }
  EXPECT_EQ(fs::status(there).permissions(), fs::perms(0751));
}

TEST(EnsureDataDirTest, MakesItAndGivesItsRealName) {
  const test::TempDir dir;
  const auto made = EnsureDataDir(dir.path() / "a/../b/c/");
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(*made, fs::canonical(dir.path()) / "b/c");
  Write(dir.path() / "file", "");
  for (const char* name : {"file", "file/x"}) {
    const auto refused = EnsureDataDir(dir.path() / name);
    ASSERT_FALSE(refused) << name;
    EXPECT_THAT(refused.error().message,
                HasSubstr(std::string(name) + ": Not a directory; choose another"));
  }
}

}  // namespace
}  // namespace tlsrpt::store
