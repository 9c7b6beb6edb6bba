#include "ingest/import/mbox_splitter.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace tlsrpt::ingest {
namespace {

const std::string kFrom = "From a@b.example Mon Apr  1 12:00:00 2024\n";

// "offset=mail", or "offset!" for one that is too large; `cut`: where the bytes are cut
// in two.
std::vector<std::string> Split(std::string_view mbox, std::size_t cut,
                               std::size_t max_mail_bytes = 10'000) {
  std::vector<std::string> found;
  MboxSplitter splitter(
      max_mail_bytes,
      [&](std::uint64_t offset, const std::string& mail) {
        found.push_back(std::to_string(offset) + "=" + mail);
      },
      [&](std::uint64_t offset) { found.push_back(std::to_string(offset) + "!"); });
  splitter.Feed(mbox.substr(0, cut));
  splitter.Feed(mbox.substr(cut));
  splitter.Finish();
  return found;
}

struct Row {
  const char* why;
  std::string mbox;
  std::vector<std::string> want;
};

const Row kRows[] = {
    {"one mail", kFrom + "A: b\n\nx\n", {"0=A: b\n\nx\n"}},
    {"the empty line between two is the mbox's",
     kFrom + "A: b\n\nx\n\n" + kFrom + "C: d\n\ny\n",
     {"0=A: b\n\nx\n", "51=C: d\n\ny\n"}},
    {"CRLF",
     "From a 1:00 2024\r\nA: b\r\n\r\nx\r\n\r\nFrom a 1:00 2024\r\nC: d\r\n\r\ny",
     {"0=A: b\r\n\r\nx\r\n", "31=C: d\r\n\r\ny"}},
    {"an empty line of the mail itself stays",
     kFrom + "A: b\n\nx\n\n\n" + kFrom + "C: d\n",
     {"0=A: b\n\nx\n\n", "52=C: d\n"}},
    {"empty lines before the first", "\n\n" + kFrom + "A: b\n", {"2=A: b\n"}},
    {"Thunderbird names nobody",
     "From - Mon Apr 01 12:00:00 2024\nA: b\n\n\nFrom - Mon Apr 01 12:00:00 2024\nC: d\n",
     {"0=A: b\n\n", "39=C: d\n"}},
    {"Gmail gives an offset",
     "From 17@xxx Wed Apr 03 06:00:00 +0000 2024\nA: b\n\nFrom 18@xxx Wed Apr 03 "
     "06:00:00 +0000 2024\nC: d\n",
     {"0=A: b\n", "49=C: d\n"}},
    {"mboxrd and mboxo: one > is the mbox's",
     kFrom + "A: b\n\n>From me\n>>From you\n> From them\n>Fromage\n",
     {"0=A: b\n\nFrom me\n>From you\n> From them\n>Fromage\n"}},
    {"not after an empty line, so a line of the mail",
     kFrom + "A: b\n\nx\n" + kFrom + "y\n",
     {"0=A: b\n\nx\n" + kFrom + "y\n"}},
    {"unquoted prose of mboxcl2: no time",
     kFrom + "A: b\n\nFrom now on,\n\nFrom 2024 we\n\nFrom 12:00 it\n",
     {"0=A: b\n\nFrom now on,\n\nFrom 2024 we\n\nFrom 12:00 it\n"}},
    {"Content-Length is not trusted: it would swallow the second",
     kFrom + "Content-Length: 9999\n\nx\n\n" + kFrom + "C: d\n",
     {"0=Content-Length: 9999\n\nx\n", "67=C: d\n"}},
    {"the first from-line needs no time", "From a\nA: b\n", {"0=A: b\n"}},
    {"no end of the last line",
     kFrom + "A: b\n\n" + kFrom.substr(0, kFrom.size() - 1),
     {"0=A: b\n", "48="}},
    {"a line longer than any",
     kFrom + "A: b\n\n" + std::string(9000, '>') + "From x\ny\n",
     {"0=A: b\n\n" + std::string(9000, '>') + "From x\ny\n"}},
    {"a from-line longer than any is none",
     kFrom + "A: b\n\nFrom a 12:00:00 2024 " + std::string(5000, 'x') + "\ny\n",
     {"0=A: b\n\nFrom a 12:00:00 2024 " + std::string(5000, 'x') + "\ny\n"}},
    {"one byte below the longest that may mean something",
     kFrom + "A: b\n\nFrom a 12:00:00 2024 " + std::string(4073, 'x') + "\ny\n",
     {"0=A: b\n", "48=y\n"}},
    {"one byte more",
     kFrom + "A: b\n\nFrom a 12:00:00 2024 " + std::string(4074, 'x') + "\ny\n",
     {"0=A: b\n\nFrom a 12:00:00 2024 " + std::string(4074, 'x') + "\ny\n"}},
    {"too large: skipped, and the next is taken",
     kFrom + "A: b\n\n" + std::string(10'001, 'x') + "\n\n" + kFrom + "C: d\n",
     {"0!", "10051=C: d\n"}},
    {"just not too large",
     kFrom + "A: b\n\n" + std::string(9'992, 'x') + "\n\n" + kFrom + "C: d\n",
     {"0=A: b\n\n" + std::string(9'992, 'x') + "\n", "10042=C: d\n"}},
    {"NULs are bytes",
     kFrom + "A: b\n\n" + std::string(3, '\0') + "\n",
     {"0=A: b\n\n" + std::string(3, '\0') + "\n"}},
    {"nothing but from-lines", kFrom + "\n" + kFrom, {"0=", "43="}},
    {"no mbox at all", "A: b\n\nx\n", {}},
    {"nothing", "", {}},
};

TEST(MboxSplitter, TableAtEveryCut) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    for (std::size_t cut = 0; cut <= row.mbox.size(); ++cut) {
      // The middle of a run of one letter is like its ends.
      if (cut > 200 && cut + 200 < row.mbox.size() && cut % 97 != 0 &&
          (cut < 4000 || cut > 4200)) {
        continue;
      }
      ASSERT_EQ(Split(row.mbox, cut), row.want) << "cut at " << cut;
    }
  }
}

TEST(MboxSplitter, EveryBytesAlone) {
  const std::string mbox = kFrom + "A: b\n\n>From x\n\n" + kFrom + "C: d\n\ny\n";
  std::vector<std::string> found;
  MboxSplitter splitter(
      1000, [&](std::uint64_t, const std::string& mail) { found.push_back(mail); },
      [](std::uint64_t) { FAIL(); });
  for (const char c : mbox) splitter.Feed(std::string_view(&c, 1));
  splitter.Finish();
  EXPECT_EQ(found, (std::vector<std::string>{"A: b\n\nFrom x\n", "C: d\n\ny\n"}));
}

// However it is cut short, what comes is a part of what was there.
TEST(MboxSplitter, EveryPrefixIsAnswered) {
  const std::string mbox = kFrom + "A: b\n\n>>From x\n\n" + kFrom + "C: d\n\ny\n\n";
  for (std::size_t n = 0; n <= mbox.size(); ++n) {
    const std::string exact = mbox.substr(0, n);  // its own allocation, for ASan
    EXPECT_LE(Split(exact, n / 2).size(), 2u) << n;
  }
}

}  // namespace
}  // namespace tlsrpt::ingest
