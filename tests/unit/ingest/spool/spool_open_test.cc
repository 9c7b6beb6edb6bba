// Files that are not ours, damaged, newer or taken: the error names them and the remedy.
#include <gtest/gtest.h>
#include <sqlite3.h>

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
  void Sql(const char* sql) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(options_.path.c_str(), &db), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(db);
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
         Sql("PRAGMA user_version = 2");
       },
       ErrorKind::kMalformed, "format 2"},
      {"a damaged header",
       [&] {
         MakeSpool();
         Overwrite(0, 50);
       },
       ErrorKind::kMalformed, "elsewhere"},
      {"damaged tables",
       [&] {
         MakeSpool();
         Overwrite(8192, 3 * 8192);
       },
       ErrorKind::kMalformed, "recover"},
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
