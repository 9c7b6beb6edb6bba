#include "api/web/page.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "api/web/embedded_files.h"

namespace tlsrpt::api {
namespace {

struct Row {
  const char* why;
  const char* path;
  const char* type;    // empty: none of the page's
  const char* begins;  // what its bytes begin with
};

const Row kRows[] = {
    {"the document", "/", "text/html; charset=utf-8", "<!doctype html>"},
    {"a module", "/page/main.js", "text/javascript; charset=utf-8", "//"},
    {"Debian's Chart.js", "/page/chart.js", "text/javascript; charset=utf-8",
     "/*!\n * Chart.js"},
    {"the style sheet", "/page/page.css", "text/css; charset=utf-8", "/*"},
    {"the icon", "/page/icon.svg", "image/svg+xml", "<svg"},
    // What is not served.
    {"a second name of the document", "/page/index.html", "", ""},
    {"not in its folder", "/main.js", "", ""},
    {"no such file", "/page/other.js", "", ""},
    {"the folder", "/page/", "", ""},
    {"the folder, without a slash", "/page", "", ""},
    {"a way out", "/page/../main.js", "", ""},
    {"an escape: names have none", "/page/main%2ejs", "", ""},
    {"upper case", "/page/MAIN.JS", "", ""},
    {"nothing", "", "", ""},
};

TEST(Page, Table) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    const auto answer = FindPageFile(row.path);
    ASSERT_EQ(answer.has_value(), row.type[0] != '\0');
    if (!answer) continue;
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->content_type, row.type);
    EXPECT_TRUE(answer->cacheable);
    EXPECT_TRUE(answer->body.starts_with(row.begins));
    EXPECT_EQ(answer->content_security_policy, kPagePolicy);
  }
}

TEST(Page, EveryFileThatIsEmbeddedIsServed) {
  const auto files = embedded::Files();
  ASSERT_GT(files.size(), 20u);
  EXPECT_TRUE(std::is_sorted(
      files.begin(), files.end(),
      [](const auto& one, const auto& other) { return one.name < other.name; }));
  for (const auto& file : files) {
    if (file.name == "index.html") continue;
    SCOPED_TRACE(file.name);
    const auto answer = FindPageFile("/page/" + std::string(file.name));
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->body, file.bytes);
  }
}

// Everything of the page's own origin, and nothing that a string could become.
TEST(Page, PolicyAllowsNothingInTheDocumentAndNothingFromElsewhere) {
  EXPECT_TRUE(kPagePolicy.starts_with("default-src 'none'; "));
  for (const char* taboo : {"unsafe", "http", "data:", "blob:", "*", "nonce", "sha256"}) {
    EXPECT_EQ(kPagePolicy.find(taboo), std::string_view::npos) << taboo;
  }
}

}  // namespace
}  // namespace tlsrpt::api
