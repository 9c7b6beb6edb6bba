#include "api/rest/target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tlsrpt::api {
namespace {

using Segments = std::vector<std::string>;

struct Row {
  const char* why;
  std::string path;
  std::string query;
  std::optional<Segments> segments;  // nothing: refused
  std::map<std::string, std::string> parameters = {};
};

const Row kRows[] = {
    {"the root", "/", "", Segments{}},
    {"segments", "/v1/domains", "", {{"v1", "domains"}}},
    {"an escape", "/v1/f%C3%AFrm", "", {{"v1", "f\xc3\xafrm"}}},
    {"lower case digits", "/%c3%af", "", {{"\xc3\xaf"}}},
    {"a slash inside a segment stays inside", "/a%2Fb", "", {{"a/b"}}},
    {"decoded once", "/a%2541", "", {{"a%41"}}},
    {"+ is itself in a path", "/a+b", "", {{"a+b"}}},
    {"a dot leads a wildcard", "/.firm.example", "", {{".firm.example"}}},
    {"parameters", "/", "a=1&b=x%20y+z", Segments{}, {{"a", "1"}, {"b", "x y z"}}},
    {"no value", "/", "a&b=", Segments{}, {{"a", ""}, {"b", ""}}},
    {"= in a value", "/", "a=b=c", Segments{}, {{"a", "b=c"}}},
    {"nothing between two", "/", "a=1&&b=2", Segments{}, {{"a", "1"}, {"b", "2"}}},
    {"no slash", "v1", "", {}},
    {"nothing", "", "", {}},
    {"an empty segment", "/v1//domains", "", {}},
    {"a slash at the end", "/v1/", "", {}},
    {"a dot", "/v1/./x", "", {}},
    {"two dots", "/v1/../x", "", {}},
    {"two dots in disguise", "/v1/%2e%2E/x", "", {}},
    {"half an escape", "/a%4", "", {}},
    {"no digits", "/a%zz", "", {}},
    {"% at the end", "/a%", "", {}},
    {"NUL", "/a%00b", "", {}},
    {"NUL in a parameter", "/", "a=%00", {}},
    {"twice: which would be meant?", "/", "a=1&a=2", {}},
};

TEST(Target, Table) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    const auto got = ParseTarget(row.path, row.query);
    ASSERT_EQ(got.has_value(), row.segments.has_value());
    if (!got) {
      EXPECT_EQ(got.error().kind, ErrorKind::kMalformed);
      continue;
    }
    EXPECT_EQ(got->segments, *row.segments);
    EXPECT_EQ(got->parameters, row.parameters);
  }
}

// However a target is cut, it is answered; nothing past the view is read.
TEST(Target, EveryPrefixIsAnswered) {
  const std::string whole = "/v1/f%C3%AFrm.example/x?from=2026%2D11&to=+";
  for (std::size_t n = 0; n <= whole.size(); ++n) {
    const std::string exact = whole.substr(0, n);  // its own allocation, for ASan
    const std::size_t mark = exact.find('?');
    (void)ParseTarget(exact.substr(0, mark),
                      mark == std::string::npos ? "" : exact.substr(mark + 1));
  }
}

}  // namespace
}  // namespace tlsrpt::api
