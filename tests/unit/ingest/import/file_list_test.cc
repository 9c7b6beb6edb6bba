#include "ingest/import/file_list.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/support/temp_dir.h"

namespace tlsrpt::ingest {
namespace {

class FileListTest : public ::testing::Test {
 protected:
  void Write(const std::string& name, const std::string& bytes = "x") {
    const auto path = folder_.path() / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
  }
  void Link(const std::string& to, const std::string& name) {
    std::filesystem::create_symlink(to, folder_.path() / name);
  }
  std::string Path(const std::string& name) const { return folder_.path() / name; }

  // Without the folder in front.
  std::vector<std::string> Found(const std::string& name = "") const {
    std::vector<std::string> names;
    for (const ListedFile& file : ListFiles({Path(name)}).files) {
      names.push_back(
          std::filesystem::path(file.path).lexically_relative(folder_.path()));
    }
    return names;
  }

  test::TempDir folder_;
};

using Names = std::vector<std::string>;

TEST_F(FileListTest, FoldersAreSortedAndWalkedToTheirEnd) {
  for (const char* name : {"b/2.json", "b/10.json", "a.eml", "c/d/e/f.zip"}) Write(name);
  EXPECT_EQ(Found(), (Names{"a.eml", "b/10.json", "b/2.json", "c/d/e/f.zip"}));
  EXPECT_EQ(ListFiles({Path("")}).bytes, 4u);
}

TEST_F(FileListTest, PathsComeInTheOrderGiven) {
  Write("a");
  Write("b", "12345");
  const FileList list = ListFiles({Path("b"), "-", Path("a")});
  ASSERT_EQ(list.files.size(), 3u);
  EXPECT_EQ(list.files[0].path, Path("b"));
  EXPECT_EQ(list.files[0].bytes, 5u);
  EXPECT_EQ(list.files[1].path, "-");
  EXPECT_EQ(list.files[2].path, Path("a"));
}

TEST_F(FileListTest, HiddenOnesAreLeftOutUnlessNamed) {
  for (const char* name : {"a", ".DS_Store", ".git/config"}) Write(name);
  EXPECT_EQ(Found(), (Names{"a"}));
  EXPECT_EQ(Found(".DS_Store"), (Names{".DS_Store"}));
  EXPECT_EQ(Found(".git"), (Names{".git/config"}));
}

TEST_F(FileListTest, MaildirGivesWhatWasDelivered) {
  for (const char* name : {"m/cur/1:2,S", "m/new/2", "m/tmp/3", "m/new/.hidden",
                           "m/dovecot.index", "m/.Archive/cur/4:2,", "m/.Archive/new/5",
                           "m/.Archive/tmp/6", "m/.Archive/x", "m/.notes/7"}) {
    Write(name);
  }
  EXPECT_EQ(Found("m"),
            (Names{"m/.Archive/cur/4:2,", "m/.Archive/new/5", "m/cur/1:2,S", "m/new/2"}));
  // And below an ordinary folder, of every user.
  EXPECT_EQ(Found().size(), 4u);
}

TEST_F(FileListTest, FolderThatOnlyLooksLikeAMaildir) {
  Write("cur", "a file");
  Write("new/1");
  Write("other");
  EXPECT_EQ(Found(), (Names{"cur", "new/1", "other"}));
}

TEST_F(FileListTest, LinksAreFollowedButNotInCircles) {
  Write("a/1");
  Link("..", "a/up");
  Link("a", "b");
  Link("a/1", "c");
  EXPECT_EQ(Found(), (Names{"a/1", "c"}));
  EXPECT_TRUE(ListFiles({Path("")}).unreadable.empty());
}

TEST_F(FileListTest, WhatIsNoFileIsNamed) {
  Write("good");
  Link("nowhere", "dangling");
  Link("itself", "itself");
  ASSERT_EQ(mkfifo(Path("pipe").c_str(), 0600), 0);
  const FileList list = ListFiles({Path(""), Path("absent"), "/dev/zero"});
  ASSERT_EQ(list.files.size(), 1u);
  ASSERT_EQ(list.unreadable.size(), 5u);
  EXPECT_EQ(list.unreadable[0].first, Path("dangling"));
  EXPECT_EQ(list.unreadable[1].first, Path("itself"));
  EXPECT_EQ(list.unreadable[2].first, Path("pipe"));
  EXPECT_EQ(list.unreadable[3],
            std::pair(Path("absent"),
                      std::string("cannot be read: No such file or directory")));
  EXPECT_EQ(list.unreadable[4].first, "/dev/zero");
}

TEST_F(FileListTest, PipeThatIsNamedIsTaken) {
  ASSERT_EQ(mkfifo(Path("pipe").c_str(), 0600), 0);
  EXPECT_EQ(Found("pipe"), (Names{"pipe"}));
}

TEST_F(FileListTest, FolderThatMayNotBeRead) {
  constexpr uid_t kNobody = 65534;  // to whom modes apply, unlike to root
  Write("closed/1");
  ASSERT_EQ(chmod(Path("closed").c_str(), 0), 0);
  const bool root = geteuid() == 0;
  ASSERT_TRUE(!root || seteuid(kNobody) == 0);
  const FileList list = ListFiles({Path("closed")});
  ASSERT_TRUE(!root || seteuid(0) == 0);
  chmod(Path("closed").c_str(), 0700);
  ASSERT_EQ(list.unreadable.size(), 1u);
  EXPECT_EQ(list.unreadable[0].second, "cannot be read: Permission denied");
}

}  // namespace
}  // namespace tlsrpt::ingest
