#include "ingest/import/progress_line.h"

#include <gtest/gtest.h>

namespace tlsrpt::ingest {
namespace {

using namespace std::chrono_literals;

constexpr ImportProgress kHalf{.files_done = 10'000,
                               .files_total = 20'000,
                               .bytes_done = 30,
                               .bytes_total = 60,
                               .messages = 10'000};

TEST(ProgressLine, Bar) {
  EXPECT_EQ(ProgressBar(kHalf, 5s, 100),
            "[####################--------------------]  "
            "50 %  10,000 of 20,000 files  2,000 mails/s  5 s left");
  EXPECT_EQ(ProgressBar(kHalf, 5s, 70),
            "[######-------]  50 %  10,000 of 20,000 files  2,000 mails/s  5 s left");
}

TEST(ProgressLine, BarIsNeverWiderThanTheTerminal) {
  for (std::size_t columns = 0; columns < 200; ++columns) {
    EXPECT_LE(ProgressBar(kHalf, 5s, columns).size(), columns);
  }
}

TEST(ProgressLine, NoPromiseInTheFirstSecond) {
  EXPECT_EQ(ProgressSentence(kHalf, 900ms), "10,000 of 20,000 files, 10,000 mails, 50 %");
}

TEST(ProgressLine, Sentence) {
  EXPECT_EQ(ProgressSentence(kHalf, 10min),
            "10,000 of 20,000 files, 10,000 mails, 50 %, 16 mails/s, 10 min left");
}

TEST(ProgressLine, PipeHasNoEnd) {
  const ImportProgress pipe{.files_total = 1, .messages = 1'234'567};
  EXPECT_EQ(ProgressBar(pipe, 10s, 80), "1,234,567 mails  123,456 mails/s");
  EXPECT_EQ(ProgressSentence(pipe, 10s), "0 of 1 file, 1,234,567 mails, 123,456 mails/s");
}

}  // namespace
}  // namespace tlsrpt::ingest
