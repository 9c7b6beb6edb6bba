// The embedded server as a process: start, stop, death of the child, death of the parent.
#include "store/embedded/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <thread>

#include "store/embedded/child_process.h"
#include "store/embedded/cluster.h"
#include "store/embedded/open.h"
#include "store/embedded/postmaster_pid.h"
#include "store/embedded/socket_dir.h"
#include "tests/support/test_server.h"

namespace tlsrpt::store {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

// More than any step here takes on a loaded machine; reaching it is a failure.
constexpr std::chrono::seconds kLongEnough{60};

// Collects events and lets a test wait for one.
class Events {
 public:
  void operator()(const ServerEvent& event) {
    const std::lock_guard guard(mutex_);
    events_.push_back(event);
    changed_.notify_all();
  }
  bool WaitFor(ServerEvent::Kind kind, int times = 1) {
    std::unique_lock guard(mutex_);
    return changed_.wait_for(guard, kLongEnough, [&] {
      return std::count_if(events_.begin(), events_.end(),
                           [&](const ServerEvent& e) { return e.kind == kind; }) >= times;
    });
  }
  long Count(ServerEvent::Kind kind) {
    const std::lock_guard guard(mutex_);
    return std::count_if(events_.begin(), events_.end(),
                         [&](const ServerEvent& e) { return e.kind == kind; });
  }

  std::string Messages() {
    const std::lock_guard guard(mutex_);
    std::string all;
    for (const ServerEvent& event : events_) all += event.message + "\n";
    return all;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<ServerEvent> events_;
};

class EmbeddedServerTest : public ::testing::Test {
 protected:
  fs::path DataDir() const { return folder_.path() / "data"; }

  Result<std::unique_ptr<EmbeddedServer>> Start(Events* events = nullptr) {
    EmbeddedOptions options = test::TestServerOptions(DataDir());
    if (events != nullptr) {
      options.on_event = [events](const ServerEvent& event) { (*events)(event); };
    }
    return StartWith(options);
  }
  Result<std::unique_ptr<EmbeddedServer>> StartWith(const EmbeddedOptions& options) {
    auto data_dir = EnsureDataDir(options.data_dir);
    if (!data_dir) return data_dir.error();
    auto lock = DataDirLock::TryLock(*data_dir);
    if (!lock) return lock.error();
    if (!*lock) return Error{ErrorKind::kUnavailable, "locked"};
    return EmbeddedServer::Start(options, **std::move(lock));
  }

  test::TempDir folder_;
};

TEST_F(EmbeddedServerTest, StartsStopsAndStartsAgainWithItsData) {
  auto server = Start();
  ASSERT_TRUE(server) << server.error().message;
  const pid_t first = (*server)->Pid();
  EXPECT_FALSE(test::Failure(*test::OpenOrDie((*server)->Dsn()),
                             "CREATE TABLE public.t AS SELECT 7 AS a"));
  EXPECT_EQ(test::Cell(*test::OpenOrDie((*server)->Dsn()), "SHOW data_checksums"), "on");
  EXPECT_EQ(test::Cell(*test::OpenOrDie((*server)->Dsn()), "SHOW listen_addresses"), "");
  EXPECT_EQ(test::Cell(*test::OpenOrDie((*server)->Dsn()),
                       "SELECT datcollate FROM pg_database WHERE datname = 'tlsrptd'"),
            "C.UTF-8");
  (*server)->Stop();
  EXPECT_EQ((*server)->Pid(), 0);
  EXPECT_NE(kill(first, 0), 0);
  EXPECT_FALSE(fs::exists(ClusterDir(DataDir()) / "postmaster.pid")) << "unclean stop";
  (*server)->Stop();  // a second time is nothing
  EXPECT_FALSE(DataDirLock::TryLock(DataDir()).value()) << "held while the object lives";
  server->reset();

  auto again = Start();
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(test::Cell(*test::OpenOrDie((*again)->Dsn()), "SELECT a FROM public.t"), "7");
}

TEST_F(EmbeddedServerTest, KilledPostmasterIsNoticedAndStartedAgain) {
  Events events;
  auto server = Start(&events);
  ASSERT_TRUE(server) << server.error().message;
  const std::string dsn = (*server)->Dsn();
  EXPECT_FALSE(test::Failure(*test::OpenOrDie(dsn), "CREATE TABLE public.t (a int)"));
  // A session that is open keeps a process of the old server for a moment.
  auto session = test::OpenOrDie(dsn);
  for (int round = 1; round <= 2; ++round) {
    kill((*server)->Pid(), SIGKILL);
    ASSERT_TRUE(events.WaitFor(ServerEvent::Kind::kDied, round));
    ASSERT_TRUE(events.WaitFor(ServerEvent::Kind::kRestarted, round));
    EXPECT_TRUE(test::Failure(*session, "SELECT 1"));
    EXPECT_TRUE(session->IsBroken());
    session = test::OpenOrDie(dsn);
    const auto failed = test::Failure(*session, "INSERT INTO public.t VALUES (1)");
    EXPECT_FALSE(failed) << failed->error.message;
  }
}

// SIGTERM asks it to wait for its clients, and to let nobody in meanwhile: ours stay
// connected for ever.
TEST_F(EmbeddedServerTest, ToldToStopByOthersItIsStartedAgain) {
  Events events;
  auto server = Start(&events);
  ASSERT_TRUE(server) << server.error().message;
  const std::string dsn = (*server)->Dsn();
  auto session = test::OpenOrDie(dsn);
  const pid_t first = (*server)->Pid();
  kill(first, SIGTERM);
  ASSERT_TRUE(events.WaitFor(ServerEvent::Kind::kRestarted));
  EXPECT_EQ(events.Count(ServerEvent::Kind::kDied), 1);
  EXPECT_THAT(events.Messages(), HasSubstr("not by us"));
  EXPECT_NE((*server)->Pid(), first);
  EXPECT_EQ(test::Cell(*test::OpenOrDie(dsn), "SELECT 1"), "1");

  // Our own stop is none of that.
  session = test::OpenOrDie(dsn);
  (*server)->Stop();
  EXPECT_EQ(events.Count(ServerEvent::Kind::kDied), 1) << events.Messages();
}

// A process of the killed server that holds on to its memory makes the next one refuse
// to start; that passes by itself and is no failed restart.
TEST_F(EmbeddedServerTest, LingeringProcessOfTheOldServerIsWaitedFor) {
  Events events;
  auto server = Start(&events);
  ASSERT_TRUE(server) << server.error().message;
  auto session = test::OpenOrDie((*server)->Dsn());
  const pid_t backend =
      std::atoi(test::Cell(*session, "SELECT pg_backend_pid()").c_str());
  ASSERT_GT(backend, 1);
  kill(backend, SIGSTOP);
  kill((*server)->Pid(), SIGKILL);
  const auto until = std::chrono::steady_clock::now() + kLongEnough;
  while (TailOf(DataDir() / "postgres-start.log").find("still in use") ==
             std::string::npos &&
         std::chrono::steady_clock::now() < until) {
    std::this_thread::yield();
  }
  kill(backend, SIGCONT);
  EXPECT_TRUE(events.WaitFor(ServerEvent::Kind::kRestarted));
  EXPECT_EQ(events.Count(ServerEvent::Kind::kRestartFailed), 0) << events.Messages();
}

TEST_F(EmbeddedServerTest, StopWhileItCannotStartDoesNotHang) {
  Events events;
  auto server = Start(&events);
  ASSERT_TRUE(server) << server.error().message;
  const fs::path config = ClusterDir(DataDir()) / "postgresql.conf";
  std::ofstream(config, std::ios::app) << "no_such_setting = 1\n";
  kill((*server)->Pid(), SIGKILL);
  ASSERT_TRUE(events.WaitFor(ServerEvent::Kind::kRestartFailed));
  EXPECT_EQ((*server)->Pid(), 0);
  (*server)->Stop();
}

// Runs `body` in a child that is then killed, as a crash would; what it wrote.
template <class Body>
std::string InAProcessThatIsKilled(Body body) {
  int ends[2];
  if (pipe(ends) != 0) return "pipe";
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    const std::string text = body();
    if (write(ends[1], text.data(), text.size()) < 0) _exit(1);
    close(ends[1]);
    pause();  // until it is killed
    _exit(0);
  }
  close(ends[1]);
  std::string text;
  char buffer[512];
  for (ssize_t n = 0; (n = read(ends[0], buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(n));
  }
  close(ends[0]);
  kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  return text;
}

TEST_F(EmbeddedServerTest, KilledParentTakesPostgresWithItAndANewStartWaits) {
  const std::string pid = InAProcessThatIsKilled([&] {
    auto server = Start();
    if (!server) return server.error().message;
    (void)test::Failure(*test::OpenOrDie((*server)->Dsn()),
                        "CREATE TABLE public.t AS SELECT 7 AS a");
    const std::string text = std::to_string((*server)->Pid());
    (void)server->release();  // a crash runs no destructors
    return text;
  });
  const pid_t old = std::atoi(pid.c_str());
  ASSERT_GT(old, 1) << pid;
  // The lock is free at once, PostgreSQL may still be stopping.
  auto server = Start();
  ASSERT_TRUE(server) << server.error().message;
  EXPECT_NE((*server)->Pid(), old);
  EXPECT_EQ(test::Cell(*test::OpenOrDie((*server)->Dsn()), "SELECT a FROM public.t"),
            "7");
}

TEST_F(EmbeddedServerTest, KilledParentIsEnoughToStopPostgres) {
  const std::string pid = InAProcessThatIsKilled([&] {
    auto server = Start();
    if (!server) return server.error().message;
    const std::string text = std::to_string((*server)->Pid());
    (void)server->release();
    return text;
  });
  const pid_t old = std::atoi(pid.c_str());
  ASSERT_GT(old, 1) << pid;
  EXPECT_TRUE(WaitForEnd(old, kLongEnough));
  EXPECT_FALSE(fs::exists(ClusterDir(DataDir()) / "postmaster.pid")) << "unclean stop";
}

TEST_F(EmbeddedServerTest, PostmasterThatOutlivedItsParentIsStopped) {
  // As if the signal at the parent's death had been lost: stopped by the next start.
  const std::string pid = InAProcessThatIsKilled([&] {
    auto server = Start();
    if (!server) return server.error().message;
    kill((*server)->Pid(), SIGSTOP);  // hears nothing
    const std::string text = std::to_string((*server)->Pid());
    (void)server->release();
    return text;
  });
  const pid_t old = std::atoi(pid.c_str());
  ASSERT_GT(old, 1) << pid;
  EmbeddedOptions options = test::TestServerOptions(DataDir());
  options.old_stop_timeout = std::chrono::milliseconds(100);
  const auto refused = StartWith(options);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("process " + pid));
  kill(old, SIGCONT);
  auto server = Start();
  ASSERT_TRUE(server) << server.error().message;
}

TEST_F(EmbeddedServerTest, ClusterOfAnotherVersionIsRefusedAndLeftAlone) {
  const auto data_dir = EnsureDataDir(DataDir());
  ASSERT_TRUE(data_dir);
  fs::create_directories(ClusterDir(*data_dir));
  std::ofstream(ClusterDir(*data_dir) / "PG_VERSION") << "14\n";
  const auto refused = Start();
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("was made by PostgreSQL 14"));
  EXPECT_TRUE(fs::exists(ClusterDir(*data_dir) / "PG_VERSION"));
}

TEST_F(EmbeddedServerTest, DataDirectoryThatTheUserCannotReachIsNamed) {
  if (geteuid() != 0) GTEST_SKIP() << "needs a second user";
  const fs::path closed = folder_.path() / "closed";
  fs::create_directory(closed);
  fs::permissions(closed, fs::perms::owner_all);
  const auto refused = StartWith(test::TestServerOptions(closed / "data"));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("cannot enter " + closed.string()));
}

TEST_F(EmbeddedServerTest, InterruptedInitdbIsDoneAgain) {
  const auto data_dir = EnsureDataDir(DataDir());
  ASSERT_TRUE(data_dir);
  fs::create_directories(*data_dir / "postgres.new.1/base");
  std::ofstream(*data_dir / "postgres.new.1/PG_VERSION") << "15\n";
  auto server = Start();
  ASSERT_TRUE(server) << server.error().message;
  EXPECT_FALSE(fs::exists(*data_dir / "postgres.new.1"));
}

TEST_F(EmbeddedServerTest, StartFailureSaysWhatPostgresSaid) {
  EmbeddedOptions options = test::TestServerOptions(DataDir());
  options.settings.push_back("no_such_setting=1");
  const auto refused = StartWith(options);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("no_such_setting"));
}

// As on a full disk: the server has begun its log when it finds out.
TEST_F(EmbeddedServerTest, StartFailureSaysWhatIsInItsLog) {
  EmbeddedOptions options = test::TestServerOptions(DataDir());
  options.settings.back() = "logging_collector=on";
  auto server = StartWith(options);
  ASSERT_TRUE(server) << server.error().message;
  server->reset();
  for (const auto& entry : fs::directory_iterator(ClusterDir(DataDir()) / "pg_wal")) {
    if (entry.is_regular_file()) fs::remove(entry);
  }
  const auto refused = StartWith(options);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("at its start"));
  EXPECT_THAT(refused.error().message,
              HasSubstr("PANIC:  could not locate a valid checkpoint record"));
}

TEST_F(EmbeddedServerTest, OddNamesWork) {
  const std::pair<const char*, std::string> kNames[] = {
      {"quotes, blanks and a backslash", "it's \"odd\" \\ x"},
      {"a comma, which libpq would split at", "a,b"},
      {"too long for a socket", std::string(100, 'x')},
  };
  for (const auto& [why, name] : kNames) {
    SCOPED_TRACE(why);
    const EmbeddedOptions options = test::TestServerOptions(folder_.path() / name);
    auto server = StartWith(options);
    ASSERT_TRUE(server) << server.error().message;
    EXPECT_EQ(test::Cell(*test::OpenOrDie((*server)->Dsn()), "SELECT 1"), "1");
    const auto dsn = RunningDsn(options.data_dir);
    ASSERT_TRUE(dsn) << dsn.error().message;
    EXPECT_EQ(test::Cell(*test::OpenOrDie(*dsn), "SELECT 1"), "1");
    const auto running = ReadPostmasterPid(ClusterDir(options.data_dir));
    ASSERT_TRUE(running);
    EXPECT_LE((running->socket_dir / ".s.PGSQL.5432").string().size(),
              kMaxSocketPathBytes);
    (*server)->Stop();
    fs::remove(running->socket_dir);
  }
}

TEST_F(EmbeddedServerTest, SubcommandUsesTheRunningServerOrStartsOne) {
  StoreOptions options;
  options.embedded = test::TestServerOptions(DataDir());
  EXPECT_EQ(RunningDsn(DataDir()).error().kind, ErrorKind::kNotFound);
  {
    auto serve = OpenStore(options);
    ASSERT_TRUE(serve) << serve.error().message;
    ASSERT_NE(serve->server, nullptr);
    EXPECT_FALSE(test::Failure(*test::OpenOrDie(serve->dsn),
                               "CREATE TABLE public.t AS SELECT 7 AS a"));
    ASSERT_TRUE(serve->server->LetGuestsIn());
    auto subcommand = OpenStore(options);
    ASSERT_TRUE(subcommand) << subcommand.error().message;
    EXPECT_EQ(subcommand->server, nullptr);
    EXPECT_EQ(test::Cell(*test::OpenOrDie(subcommand->dsn), "SELECT a FROM public.t"),
              "7");

    StoreOptions second_serve = options;
    second_serve.exclusive = true;
    second_serve.wait_for_holder = std::chrono::milliseconds(0);
    const auto refused = OpenStore(second_serve);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message,
                HasSubstr("in use by process " + std::to_string(getpid())));
  }
  EXPECT_EQ(RunningDsn(DataDir()).error().kind, ErrorKind::kNotFound);
  auto alone = OpenStore(options);
  ASSERT_TRUE(alone) << alone.error().message;
  EXPECT_NE(alone->server, nullptr);
  EXPECT_EQ(test::Cell(*test::OpenOrDie(alone->dsn), "SELECT a FROM public.t"), "7");
}

TEST_F(EmbeddedServerTest, HolderWithoutAServerIsNamedAfterTheWait) {
  const auto data_dir = EnsureDataDir(DataDir());
  ASSERT_TRUE(data_dir);
  auto lock = DataDirLock::TryLock(*data_dir);
  ASSERT_TRUE(lock && *lock);
  StoreOptions options;
  options.embedded = test::TestServerOptions(DataDir());
  options.wait_for_holder = std::chrono::milliseconds(0);
  auto refused = OpenStore(options);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("which was starting or stopping"));
  ASSERT_TRUE((*lock)->SetOpen(true));
  refused = OpenStore(options);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("whose PostgreSQL does not answer"));
}

// The kernel takes the connection, and nobody says a word on it.
TEST_F(EmbeddedServerTest, AServerThatIsFrozenIsNotWaitedForForEver) {
  StoreOptions options;
  options.embedded = test::TestServerOptions(DataDir());
  options.wait_for_holder = std::chrono::milliseconds(0);
  auto owner = OpenStore(options);
  ASSERT_TRUE(owner) << owner.error().message;
  ASSERT_TRUE(owner->server->LetGuestsIn());
  ASSERT_EQ(kill(owner->server->Pid(), SIGSTOP), 0);
  const auto refused = OpenStore(options);
  ASSERT_EQ(kill(owner->server->Pid(), SIGCONT), 0);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("whose PostgreSQL does not answer"));
}

// Two calls at once: the second must neither meet a database that is not made yet nor
// lose it in the middle.
TEST_F(EmbeddedServerTest, GuestsComeWhenItIsReadyAndAreWaitedFor) {
  StoreOptions options;
  options.embedded = test::TestServerOptions(DataDir());
  options.embedded.wait_for_guests = kLongEnough;
  options.wait_for_holder = std::chrono::milliseconds(0);
  auto owner = OpenStore(options);
  ASSERT_TRUE(owner) << owner.error().message;
  const auto early = OpenStore(options);
  ASSERT_FALSE(early);
  EXPECT_THAT(early.error().message, HasSubstr("which was starting or stopping"));

  ASSERT_TRUE(owner->server->LetGuestsIn());
  auto guest = OpenStore(options);
  ASSERT_TRUE(guest) << guest.error().message;
  ASSERT_TRUE(guest->guest);
  std::thread leaving([&] { owner->server->Stop(); });
  const auto until = std::chrono::steady_clock::now() + kLongEnough;
  while (DataDirLock::IsOpen(DataDir()) && std::chrono::steady_clock::now() < until) {
    std::this_thread::yield();
  }
  EXPECT_EQ(test::Cell(*test::OpenOrDie(guest->dsn), "SELECT 1"), "1");
  EXPECT_FALSE(OpenStore(options)) << "nobody comes in any more";
  EXPECT_NE(owner->server->Pid(), 0);
  guest->guest.reset();
  leaving.join();
  EXPECT_EQ(owner->server->Pid(), 0);
}

TEST_F(EmbeddedServerTest, AGuestThatStaysIsNotWaitedForForEver) {
  StoreOptions options;
  options.embedded = test::TestServerOptions(DataDir());
  options.embedded.wait_for_guests = std::chrono::milliseconds(1);
  auto owner = OpenStore(options);
  ASSERT_TRUE(owner) << owner.error().message;
  ASSERT_TRUE(owner->server->LetGuestsIn());
  const auto guest = OpenStore(options);
  ASSERT_TRUE(guest && guest->guest);
  owner->server->Stop();
  EXPECT_EQ(owner->server->Pid(), 0);
}

TEST(HasStoreTest, LooksAndMakesNothing) {
  const test::TempDir dir;
  EXPECT_FALSE(HasStore(dir.path() / "none"));
  EXPECT_FALSE(HasStore(dir.path()));
  EXPECT_TRUE(fs::is_empty(dir.path()));
  {
    const auto lock = DataDirLock::TryLock(dir.path());
    ASSERT_TRUE(lock && *lock);
    EXPECT_TRUE(HasStore(dir.path())) << "somebody may be making it";
  }
  EXPECT_FALSE(HasStore(dir.path())) << "somebody did not";
  fs::create_directory(ClusterDir(dir.path()));
  EXPECT_TRUE(HasStore(dir.path()));
}

TEST(OpenStoreTest, DsnOfTheSettingsIsUsedAsItIs) {
  StoreOptions options;
  options.dsn = "host=db.example";
  options.embedded.data_dir = "/nonexistent/never/made";
  const auto access = OpenStore(options);
  ASSERT_TRUE(access);
  EXPECT_EQ(access->dsn, "host=db.example");
  EXPECT_EQ(access->server, nullptr);
}

}  // namespace
}  // namespace tlsrpt::store
