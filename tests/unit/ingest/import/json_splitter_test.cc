#include "ingest/import/json_splitter.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace tlsrpt::ingest {
namespace {

std::vector<std::string> Split(std::string_view text, std::size_t cut) {
  std::vector<std::string> found;
  JsonSplitter splitter(
      40,
      [&](std::uint64_t offset, const std::string& json) {
        found.push_back(std::to_string(offset) + "=" + json);
      },
      [&](std::uint64_t offset) { found.push_back(std::to_string(offset) + "!"); });
  splitter.Feed(text.substr(0, cut));
  splitter.Feed(text.substr(cut));
  splitter.Finish();
  return found;
}

struct Row {
  const char* why;
  std::string text;
  std::vector<std::string> want;
};

const Row kRows[] = {
    {"one", "{\"a\":1}", {"0={\"a\":1}"}},
    {"every byte is kept", "\xEF\xBB\xBF {} \r\n", {"0=\xEF\xBB\xBF {} \r\n"}},
    {"one a line", "{\"a\":1}\n{\"b\":2}\n", {"0={\"a\":1}\n", "8={\"b\":2}\n"}},
    {"one behind the other", "{}{}{}", {"0={}", "2={}", "4={}"}},
    {"byte order marks of Microsoft between",
     "{}\r\n\xEF\xBB\xBF{}",
     {"0={}\r\n\xEF\xBB\xBF", "7={}"}},
    {"braces in text mean nothing",
     "{\"}{\":\"\\\"}{\"}{}",
     {"0={\"}{\":\"\\\"}{\"}", "13={}"}},
    {"objects inside", "{\"a\":{\"b\":{}}}{}", {"0={\"a\":{\"b\":{}}}", "14={}"}},
    {"one brace too many: left to the parser", "{}}{}", {"0={}}{}"}},
    {"one too few", "{\"a\":{}\n{}\n", {"0={\"a\":{}\n{}\n"}},
    {"text behind", "{} x {}", {"0={} x {}"}},
    {"an open text", "{\"a {}{}", {"0={\"a {}{}"}},
    {"too large: skipped, and the next is taken",
     "{\"" + std::string(50, 'x') + "\"}{\"a\":1}",
     {"0!", "54={\"a\":1}"}},
    {"the last too large", "{}{\"" + std::string(50, 'x'), {"0={}", "2!"}},
    {"nothing", "", {}},
};

TEST(JsonSplitter, TableAtEveryCut) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    for (std::size_t cut = 0; cut <= row.text.size(); ++cut) {
      ASSERT_EQ(Split(row.text, cut), row.want) << "cut at " << cut;
    }
  }
}

}  // namespace
}  // namespace tlsrpt::ingest
