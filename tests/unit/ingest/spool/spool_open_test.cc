// Files that are not ours, damaged, newer or taken: the error names them and the remedy.
#include <gtest/gtest.h>

#include <fstream>

#include "tests/unit/ingest/spool/spool_fixture.h"

namespace tlsrpt::test {
namespace {

class SpoolOpenTest : public SpoolTest {
 protected:
  Error OpenError() {
    auto opened = Spool::Open(options_, clock_);
    EXPECT_FALSE(opened);
    return opened ? Error{} : opened.error();
  }
  void MakeSpool() {
    Open();
    ASSERT_TRUE(Put(std::string(100'000, 'x')));
    spool_.reset();
  }
  void Overwrite(std::streamoff at, std::size_t count) {
    std::fstream file(options_.path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(at);
    file << std::string(count, '\xa5');
  }
};

TEST_F(SpoolOpenTest, BadFiles) {
  struct Row {
    const char* why;
    std::function<void()> make;
    ErrorKind kind;
    const char* names;
  };
  const Row rows[] = {
      {"no database at all",
       [&] { std::ofstream(options_.path) << std::string(999, 'x'); },
       ErrorKind::kMalformed, "elsewhere"},
      {"somebody else's database", [&] { Sql("CREATE TABLE t (x)"); },
       ErrorKind::kMalformed, "another program"},
      {"a newer format",
       [&] {
         MakeSpool();
         Sql("PRAGMA user_version = 5");
       },
       ErrorKind::kMalformed, "format 5"},
      {"a damaged header",
       [&] {
         MakeSpool();
         Overwrite(0, 50);
       },
       ErrorKind::kMalformed, "elsewhere"},
      {"damaged tables",
       [&] {
         MakeSpool();
         Overwrite(8192, 5 * 8192);
       },
       ErrorKind::kMalformed, "recover"},
      {"no identity",
       [&] {
         MakeSpool();
         Sql("DELETE FROM identity");
       },
       ErrorKind::kMalformed, "identity"},
      {"a short identity",
       [&] {
         MakeSpool();
         Sql("UPDATE identity SET spool_id = x'0102'");
       },
       ErrorKind::kMalformed, "identity"},
      {"no folder", [&] { options_.path = (dir_.path() / "no/such").string(); },
       ErrorKind::kUnavailable, "No such file"},
      {"a folder", [&] { std::filesystem::create_directory(options_.path); },
       ErrorKind::kUnavailable, "unable to open"},
  };
  const std::string path = options_.path;
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    options_.path = path;
    row.make();
    const Error error = OpenError();
    EXPECT_EQ(error.kind, row.kind) << error.message;
    EXPECT_NE(error.message.find(options_.path), std::string::npos) << error.message;
    EXPECT_NE(error.message.find(row.names), std::string::npos) << error.message;
    for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path + end);
  }
}

TEST_F(SpoolOpenTest, AForeignFileIsLeftAsItIs) {
  Sql("CREATE TABLE t (x); INSERT INTO t VALUES (1)");
  const auto read = [&] {
    std::ifstream file(options_.path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  const std::string before = read();
  OpenError();
  EXPECT_EQ(read(), before);
}

// What version 1 of the file looked like, with an entry that waits and one in hand.
constexpr const char* kVersion1 = R"sql(
PRAGMA journal_mode = WAL;
CREATE TABLE content (
  entry_id INTEGER PRIMARY KEY, receipt_id BLOB NOT NULL, received_at INTEGER NOT NULL,
  transport TEXT NOT NULL, peer TEXT NOT NULL, helo TEXT NOT NULL, tls TEXT NOT NULL,
  envelope_from TEXT NOT NULL, envelope_to BLOB NOT NULL, body BLOB NOT NULL);
CREATE TABLE queue (
  entry_id INTEGER PRIMARY KEY, lane INTEGER NOT NULL, crashes INTEGER NOT NULL,
  not_before INTEGER NOT NULL, received_at INTEGER NOT NULL,
  content_bytes INTEGER NOT NULL);
CREATE INDEX queue_free ON queue (lane, not_before) WHERE lane < 3;
CREATE TABLE done (
  done_ix INTEGER PRIMARY KEY, entry_id INTEGER NOT NULL, done_at INTEGER NOT NULL,
  content_bytes INTEGER NOT NULL);
INSERT INTO content VALUES (7, zeroblob(16), 5, 'smtp', '192.0.2.1:25', 'h', 'TLSv1.3',
                            'a@b.example', '11:c@d.example,', 'waits');
INSERT INTO queue VALUES (7, 0, 0, 0, 5, 261);
INSERT INTO content VALUES (8, zeroblob(16), 6, 'smtp', '', '', '', '', '', 'in hand');
INSERT INTO queue VALUES (8, 3, 0, 0, 6, 263);
PRAGMA application_id = 0x746c7371;
PRAGMA user_version = 1;
)sql";

TEST_F(SpoolOpenTest, AFileOfVersion1IsBroughtUpToDate) {
  Sql(kVersion1);
  Open();
  auto items = Take(1);
  ASSERT_EQ(Bodies(items), Strings{"waits"});
  EXPECT_EQ(items[0].entry_id, 7);
  EXPECT_EQ(items[0].entry.peer, "192.0.2.1:25");
  EXPECT_EQ(items[0].entry.envelope_to, Strings{"c@d.example"});
  EXPECT_FALSE(items[0].entry.peer_trusted);
  spool_->MarkDone(Ids(items));
  Settle();
  items = Take();
  ASSERT_EQ(Bodies(items), Strings{"in hand"});
  EXPECT_EQ(items[0].crashes, 1);
  spool_->MarkDone(Ids(items));

  SpoolEntry trusted = Entry("new");
  trusted.peer_trusted = true;
  ASSERT_TRUE(Put(trusted));
  Open();  // and as what it is now
  items = Take();
  ASSERT_EQ(Bodies(items), (Strings{"settle", "new"}));
  EXPECT_FALSE(items[0].entry.peer_trusted);
  EXPECT_TRUE(items[1].entry.peer_trusted);
}

TEST_F(SpoolOpenTest, AFileKeepsItsIdentity) {
  for (const char* version : {"new", "1", "2", "3"}) {
    SCOPED_TRACE(version);
    options_.path = (dir_.path() / version).string();
    if (*version != 'n') Sql(kVersion1);
    if (*version == '2') {
      Sql("ALTER TABLE content ADD COLUMN peer_trusted INTEGER NOT NULL DEFAULT 0;"
          "PRAGMA user_version = 2");
    }
    if (*version == '3') {
      Sql("ALTER TABLE content ADD COLUMN peer_trusted INTEGER NOT NULL DEFAULT 0;"
          "CREATE TABLE identity (spool_id BLOB NOT NULL);"
          "INSERT INTO identity VALUES (x'000102030405060708090a0b0c0d0e0f');"
          "PRAGMA user_version = 3");
    }
    Open();
    const Uuid id = spool_->Stats().spool_id;
    EXPECT_NE(id, Uuid{});
    if (*version == '3') {
      EXPECT_EQ(id.ToString(), "00010203-0405-0607-0809-0a0b0c0d0e0f");
    }
    Open();
    EXPECT_EQ(spool_->Stats().spool_id, id);
  }
}

// Every state that a row of version 3 could be in.
TEST_F(SpoolOpenTest, AFileOfVersion3KeepsWhatWasKnown) {
  Sql(kVersion1);
  Sql("ALTER TABLE content ADD COLUMN peer_trusted INTEGER NOT NULL DEFAULT 0;"
      "CREATE TABLE identity (spool_id BLOB NOT NULL);"
      "INSERT INTO identity VALUES (randomblob(16));"
      "UPDATE content SET peer_trusted = 1 WHERE entry_id = 7;"
      "INSERT INTO content SELECT 9, receipt_id, 7, transport, peer, helo, tls,"
      " envelope_from, envelope_to, CAST('waits for ' || entry_id AS BLOB), 0"
      " FROM content WHERE entry_id = 7;"
      // not_before: an hour after the test's clock began.
      "INSERT INTO queue VALUES (9, 2, 1, 1790003600000000, 7, 300);"
      "INSERT INTO content SELECT 5, receipt_id, 4, transport, peer, helo, tls,"
      " envelope_from, envelope_to, CAST('done' AS BLOB), 0 FROM content WHERE entry_id "
      "= 7;"
      "INSERT INTO done VALUES (1, 5, 1790000000000000, 301);"
      "PRAGMA user_version = 3");
  Open();
  EXPECT_EQ(spool_->Stats().depth, 3);
  EXPECT_EQ(spool_->Stats().waiting, 1);
  EXPECT_EQ(spool_->Stats().suspects, 1);
  EXPECT_EQ(spool_->Stats().done, 1);
  EXPECT_EQ(spool_->Stats().oldest_at, TimePoint(std::chrono::microseconds(5)));
  auto items = Take();
  ASSERT_EQ(Bodies(items), Strings{"waits"});
  EXPECT_TRUE(items[0].entry.peer_trusted);
  spool_->MarkDone(Ids(items));
  Settle();
  items = Take();
  ASSERT_EQ(Bodies(items), Strings{"in hand"});
  spool_->MarkDone(Ids(items));
  Settle();
  EXPECT_EQ(TakeBodies(), (Strings{"settle", "settle"}));
  clock_.Move(std::chrono::hours(2));
  spool_->Stop();
  Open();
  spool_->MarkDone(Ids(Take()));
  Settle();
  items = Take();
  ASSERT_EQ(Bodies(items), Strings{"waits for 7"});
  EXPECT_EQ(items[0].entry_id, 9);
  EXPECT_EQ(items[0].crashes, 1);
  EXPECT_EQ(spool_->Stats().done, 5);
}

TEST_F(SpoolOpenTest, ASecondSpoolOnTheFileIsRefused) {
  Open();
  ASSERT_TRUE(Put("a"));
  ASSERT_EQ(Take().size(), 1u);
  const Error error = OpenError();
  EXPECT_EQ(error.kind, ErrorKind::kUnavailable);
  EXPECT_NE(error.message.find(options_.path), std::string::npos);
  spool_->Stop();
  Open();
  EXPECT_EQ(Take()[0].crashes, 0) << "the second did not touch what is in hand";
}

TEST_F(SpoolOpenTest, AFileOfAProcessThatDiedEarlyIsBegunAnew) {
  std::ofstream(options_.path).close();  // created, and killed before the first write
  Open();
  EXPECT_TRUE(Put("a"));
}

}  // namespace
}  // namespace tlsrpt::test
