// What a process that dies leaves, and who is suspected of it.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <map>
#include <random>
#include <set>
#include <utility>

#include "ingest/spool/pack.h"
#include "tests/unit/ingest/spool/spool_fixture.h"

namespace tlsrpt::test {
namespace {

using namespace std::chrono_literals;

TEST_F(SpoolTest, InHandAtACrashIsCountedAndGivenAlone) {
  Open();
  for (const char* body : {"a", "b", "c"}) ASSERT_TRUE(Put(body));
  ASSERT_EQ(TakeBodies(2), (Strings{"a", "b"}));
  Crash();
  EXPECT_EQ(spool_->Stats().depth, 3);

  // Turn by turn: the others, a suspect, the others, ...
  const auto others = Take();
  EXPECT_EQ(Bodies(others), Strings{"c"}) << "a suspect is in nobody's batch";
  EXPECT_EQ(others[0].crashes, 0);
  EXPECT_FALSE(spool_->WaitForWork(0ms));
  EXPECT_TRUE(Take().empty()) << "a suspect waits until it can be alone";
  ASSERT_TRUE(Put("d"));
  EXPECT_TRUE(Take().empty()) << "and it is its turn";
  spool_->MarkDone(Ids(others));
  Settle("e");

  EXPECT_TRUE(spool_->WaitForWork(0ms));
  const auto first = Take();
  ASSERT_EQ(Bodies(first), Strings{"a"}) << "alone, the oldest";
  EXPECT_EQ(first[0].crashes, 1);
  EXPECT_FALSE(spool_->WaitForWork(0ms));
  EXPECT_TRUE(Take().empty()) << "nothing beside a suspect";
  spool_->MarkDone(Ids(first));
  Settle("f");
  const auto more = Take();
  EXPECT_EQ(Bodies(more), (Strings{"d", "e", "f"}))
      << "suspects do not starve the others";
  spool_->MarkDone(Ids(more));
  Settle("g");
  EXPECT_EQ(TakeBodies(), Strings{"b"}) << "nor the others a suspect";
}

TEST_F(SpoolTest, AnEntryThatKillsIsKnownByItsFourthCrash) {
  Open();
  ASSERT_TRUE(Put("poison"));
  for (int crashes = 0; crashes < ingest::kMaxCrashes; ++crashes) {
    const auto items = Take();
    ASSERT_EQ(items.size(), 1u);
    EXPECT_EQ(items[0].crashes, crashes);
    Crash();
  }
  EXPECT_EQ(Take()[0].crashes, ingest::kMaxCrashes);
}

TEST_F(SpoolTest, WhoWasAloneAtACrashComesAfterThoseInCompany) {
  Open();
  for (const char* body : {"a", "b", "c"}) ASSERT_TRUE(Put(body));
  ASSERT_EQ(TakeBodies(), (Strings{"a", "b", "c"}));
  for (const char* body : {"a", "b", "c"}) {
    Crash();
    EXPECT_EQ(TakeBodies(), Strings{body});
  }
  Crash();
  const auto again = Take();
  ASSERT_EQ(Bodies(again), Strings{"a"});
  EXPECT_EQ(again[0].crashes, 2);
}

TEST_F(SpoolTest, AReleasedSuspectStaysOne) {
  Open();
  for (const char* body : {"a", "b"}) ASSERT_TRUE(Put(body));
  ASSERT_EQ(TakeBodies(1), Strings{"a"});
  Crash();
  ASSERT_EQ(TakeBodies(), Strings{"b"});
  spool_->Release({2}, clock_.Now() + 1s);
  Settle("c");
  const auto suspect = Take();
  ASSERT_EQ(Bodies(suspect), Strings{"a"});
  spool_->Release(Ids(suspect), clock_.Now() + 1s);
  Settle("d");
  clock_.Move(1s);
  const auto others = Take();
  EXPECT_EQ(Bodies(others), (Strings{"b", "c", "d"}));
  spool_->MarkDone(Ids(others));
  Settle("e");
  const auto again = Take();
  ASSERT_EQ(Bodies(again), Strings{"a"});
  EXPECT_EQ(again[0].crashes, 1);

  spool_->Release(Ids(again), clock_.Now());  // at once
  Settle("f");
  EXPECT_EQ(TakeBodies(), (Strings{"e", "f"})) << "without the suspect";
}

TEST_F(SpoolTest, ReleasedAndDoneAreNotSuspects) {
  Open();
  for (const char* body : {"a", "b"}) ASSERT_TRUE(Put(body));
  const auto items = Take();
  spool_->MarkDone({items[0].entry_id});
  spool_->Release({items[1].entry_id}, clock_.Now());
  Settle("c");
  Crash();
  EXPECT_EQ(spool_->Stats().done, 1);
  const auto again = Take();
  EXPECT_EQ(Bodies(again), (Strings{"b", "c"}));
  EXPECT_EQ(again[0].crashes, 0);
}

// --- kill -9 ---------------------------------------------------------------------------

// A body that its receipt id determines, of a length that does too.
std::string BodyOf(const Uuid& id) {
  std::mt19937 random(static_cast<std::uint32_t>(id.bytes[15]) << 8 | id.bytes[14]);
  std::string body(random() % 9000, '\0');
  for (char& c : body) c = static_cast<char>(random());
  return body;
}

// Puts, takes and marks done until it is killed; writes each durable id to `pipe`.
[[noreturn]] void PutUntilKilled(const SpoolOptions& options, int pipe) {
  static const SystemClock clock;
  auto spool = Spool::Open(options, clock);
  if (!spool) _exit(1);
  std::vector<std::int64_t> held;
  for (std::int64_t n = 0;; ++n) {
    SpoolEntry entry;
    entry.receipt_id = MakeUuidV7(clock.Now());
    entry.body = BodyOf(entry.receipt_id);
    const Uuid id = entry.receipt_id;
    (*spool)->Put(std::move(entry), [id, pipe](Result<void> done) {
      if (done && write(pipe, id.bytes.data(), 16) != 16) _exit(2);
    });
    if (n % 5 != 0) continue;
    // What was taken is in hand until the next round, so that every state meets the
    // kill.
    if (held.size() > 1) (*spool)->Release({held.back()}, clock.Now());
    if (!held.empty()) held.resize(std::max<std::size_t>(held.size() - 1, 1));
    (*spool)->MarkDone(std::exchange(held, {}));
    const auto items = (*spool)->Take(3, kAnyBytes);
    if (!items) _exit(3);
    for (const SpoolItem& item : *items) held.push_back(item.entry_id);
  }
}

TEST_F(SpoolTest, KilledAtAnyMomentItKeepsWhatItSaidIsDurable) {
  std::mt19937 random(8460);
  std::set<Uuid> durable;
  for (int round = 0; round < 20; ++round) {
    SCOPED_TRACE(round);
    int pipes[2];
    ASSERT_EQ(pipe(pipes), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      close(pipes[0]);
      PutUntilKilled(options_, pipes[1]);
    }
    close(pipes[1]);
    // After so many answers; the writer is then anywhere in its next transaction.
    const std::size_t last = durable.size() + 1 + random() % 150;
    bool killed = false;
    for (Uuid id; read(pipes[0], id.bytes.data(), 16) == 16;) {
      EXPECT_TRUE(durable.insert(id).second);
      if (!killed && durable.size() >= last) {
        ASSERT_EQ(kill(child, SIGKILL), 0);
        killed = true;
      }
    }
    close(pipes[0]);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "exit " << status;
  }

  // Everything that is not done comes out of Take, the done ones are in the file.
  std::map<Uuid, std::string> there;
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(options_.path.c_str(), &db), SQLITE_OK);
  sqlite3_stmt* done = nullptr;
  ASSERT_EQ(sqlite3_prepare_v2(db,
                               "SELECT pack.first_id, bytes, done.first_id, last_id"
                               " FROM done JOIN pack ON pack.first_id <= last_id"
                               " AND pack.first_id + entries > done.first_id",
                               -1, &done, nullptr),
            SQLITE_OK);
  while (sqlite3_step(done) == SQLITE_ROW) {
    std::string_view pack(static_cast<const char*>(sqlite3_column_blob(done, 1)),
                          static_cast<std::size_t>(sqlite3_column_bytes(done, 1)));
    for (auto id = sqlite3_column_int64(done, 0); !pack.empty(); ++id) {
      const auto entry = ingest::TakeEntry(pack);
      ASSERT_TRUE(entry);
      if (id < sqlite3_column_int64(done, 2) || id > sqlite3_column_int64(done, 3))
        continue;
      EXPECT_TRUE(there.emplace(entry->receipt_id, entry->body).second);
    }
  }
  sqlite3_finalize(done);
  sqlite3_close(db);
  EXPECT_FALSE(there.empty());

  Open();
  while (spool_->WaitForWork(0ms)) {
    const auto items = Take();
    for (const SpoolItem& item : items) {
      EXPECT_TRUE(there.emplace(item.entry.receipt_id, item.entry.body).second);
    }
    spool_->MarkDone(Ids(items));
    Settle();
    if (items.empty()) break;
    if (items.size() == 1 && items[0].entry.body == "settle") break;
  }
  for (const Uuid& id : durable) {
    ASSERT_TRUE(there.contains(id)) << id.ToString();
    EXPECT_EQ(there[id], BodyOf(id)) << id.ToString();
  }
}

}  // namespace
}  // namespace tlsrpt::test
