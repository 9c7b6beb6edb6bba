#include "base/ops/log.h"

#include <gtest/gtest.h>

#include <chrono>
#include <regex>
#include <string>
#include <thread>
#include <vector>

#include "base/day.h"

namespace tlsrpt {
namespace {

// What one Write() puts on standard error, without its time.
std::string Line(LogFormat format, const std::string& value,
                 Event event = Event::kReportQuarantined) {
  ::testing::internal::CaptureStderr();
  {
    Logger logger(LogLevel::kDebug, format);
    logger.Write(event, {{"reason", value}});
  }
  const std::string line = ::testing::internal::GetCapturedStderr();
  static const std::regex kTime(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)");
  return std::regex_replace(line, kTime, "T", std::regex_constants::format_first_only);
}

struct Row {
  const char* why;
  std::string value;
  const char* text;  // as the value of a line of text
  const char* json;
};

const Row kRows[] = {
    {"plain", "no_report", "no_report", "\"no_report\""},
    {"a blank needs quotes", "cut short", "\"cut short\"", "\"cut short\""},
    {"so does nothing", "", "\"\"", "\"\""},
    {"and what looks like a field", "a=b", "\"a=b\"", "\"a=b\""},
    {"quotes and backslashes", "\"\\", R"("\"\\")", R"("\"\\")"},
    {"a stranger's line break starts no line of ours", "a\r\nT error started x=1",
     R"("a\u000d\u000aT error started x=1")", R"("a\u000d\u000aT error started x=1")"},
    {"nor does ESC reach a terminal", "\x1b[2J", R"("\u001b[2J")", R"("\u001b[2J")"},
    {"nor DEL", "\x7f", R"("\u007f")", R"("\u007f")"},
    {"nor CSI of C1, as UTF-8",
     "\xc2\x9b"
     "2J",
     R"("\u009b2J")", R"("\u009b2J")"},
    {"the character before C1's end and after", "\xc2\xa0\xc3\x9b",
     "\"\xc2\xa0\xc3\x9b\"", "\"\xc2\xa0\xc3\x9b\""},
    {"not a format", "{} %s {0:>99999999}", "\"{} %s {0:>99999999}\"",
     "\"{} %s {0:>99999999}\""},
    {"not UTF-8", "\xff", "\"\xef\xbf\xbd\"", "\"\xef\xbf\xbd\""},
    {"UTF-8 stays", "Zürich", "\"Zürich\"", "\"Zürich\""},
};

TEST(Log, Fields) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(Line(LogFormat::kText, row.value),
              std::string("T info report_quarantined reason=") + row.text + "\n");
    EXPECT_EQ(Line(LogFormat::kJson, row.value),
              std::string(R"({"time":"T","level":"info","event":"report_quarantined",)") +
                  R"("reason":)" + row.json + "}\n");
  }
}

// "2026-11-21T10:00:00.123Z"
std::string TextOfNow() {
  using namespace std::chrono;
  const auto now = floor<milliseconds>(system_clock::now());
  const auto second = floor<seconds>(now);
  const std::string millis = std::to_string(1000 + (now - second).count());
  return TimeText(second).substr(0, 19) + "." + millis.substr(1) + "Z";
}

TEST(Log, TellsTheTime) {
  const std::string before = TextOfNow();
  ::testing::internal::CaptureStderr();
  Logger(LogLevel::kInfo, LogFormat::kText).Write(Event::kStarted, {});
  const std::string line = ::testing::internal::GetCapturedStderr();
  const std::string after = TextOfNow();
  EXPECT_EQ(line.substr(24), " info started\n");
  EXPECT_LE(before, line.substr(0, 24));
  EXPECT_LE(line.substr(0, 24), after);
}

TEST(Log, AStrangerDoesNotWriteItFull) {
  EXPECT_LT(Line(LogFormat::kText, std::string(1 << 20, 'x')).size(), 3000u);
}

TEST(Log, LevelsBelowTheLeastAreLeftOut) {
  struct Level {
    LogLevel least;
    std::vector<std::string> want;
  };
  const Level levels[] = {
      {LogLevel::kDebug, {"batch_written", "started", "database_away", "spool_error"}},
      {LogLevel::kInfo, {"started", "database_away", "spool_error"}},
      {LogLevel::kWarning, {"database_away", "spool_error"}},
      {LogLevel::kError, {"spool_error"}},
  };
  for (const Level& level : levels) {
    ::testing::internal::CaptureStderr();
    Logger logger(level.least, LogFormat::kText);
    for (const Event event : {Event::kBatchWritten, Event::kStarted, Event::kDatabaseAway,
                              Event::kSpoolError}) {
      logger.Write(event, {});
    }
    const std::string text = ::testing::internal::GetCapturedStderr();
    std::vector<std::string> events;
    for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
      const std::string line = text.substr(at, text.find('\n', at) - at);
      events.push_back(line.substr(line.rfind(' ') + 1));
    }
    EXPECT_EQ(events, level.want);
  }
}

TEST(Log, LinesOfManyThreadsStayWhole) {
  ::testing::internal::CaptureStderr();
  Logger logger(LogLevel::kInfo, LogFormat::kText);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        logger.Write(Event::kListening, {{"x", std::string(500, 'x')}});
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::string text = ::testing::internal::GetCapturedStderr();
  const std::regex line("[^\\n]{24} info listening x=x{500}\\n");
  EXPECT_EQ(std::distance(std::sregex_iterator(text.begin(), text.end(), line), {}), 200);
  EXPECT_EQ(text.size(), 200u * (24 + 18 + 500 + 1));
}

// Every event has a row of its own: the fallback would show as internal_error.
TEST(Log, HelpNamesEveryEvent) {
  const std::string help = HelpLog();
  int events = 0;
  for (int number = 0; number <= static_cast<int>(Event::kInternalError); ++number) {
    const auto event = static_cast<Event>(number);
    const std::string line = Line(LogFormat::kText, "x", event);
    std::smatch match;
    ASSERT_TRUE(std::regex_match(line, match, std::regex("T (\\w+) (\\w+) reason=x\\n")));
    SCOPED_TRACE(match[2].str());
    EXPECT_EQ(match[2] == "internal_error", event == Event::kInternalError);
    const std::string row = match[2].str() + " (" + match[1].str() + ")\n    ";
    EXPECT_NE(help.find(row), std::string::npos);
    // What is worse than information needs somebody to do something.
    if (match[1] == "error" || match[1] == "warning") {
      const std::size_t second = help.find("\n    ", help.find(row) + row.size());
      EXPECT_EQ(second, help.find('\n', help.find(row) + row.size()));
    }
    ++events;
  }
  EXPECT_GE(events, 16);
}

}  // namespace
}  // namespace tlsrpt
