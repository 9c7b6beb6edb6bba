#include "api/rest/routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

namespace tlsrpt::api {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Rest<Match> Find(std::string_view method, std::string_view path,
                 std::string_view query = "") {
  return FindRoute(method, *ParseTarget(path, query));
}

TEST(Routes, FindsAndFillsIn) {
  const auto match = Find("GET", "/v1/domains/firm.example/summary", "from=2026-11-01");
  ASSERT_TRUE(match);
  EXPECT_EQ(match->route->name, "getSummary");
  EXPECT_THAT(match->path, ElementsAre("firm.example"));
  EXPECT_THAT(Find("GET", "/v1/status")->path, IsEmpty());
  EXPECT_EQ(Find("HEAD", "/v1/status")->route->name, "getStatus");
  EXPECT_EQ(Find("DELETE", "/v1/domains/x.example")->route->name, "removeDomain");
}

struct Row {
  const char* why;
  const char* method;
  const char* path;
  const char* query;
  int status;
};

const Row kRows[] = {
    {"no such path", "GET", "/v1/nothing", "", 404},
    {"the root is the page's", "GET", "/", "", 404},
    {"longer than any", "GET", "/v1/domains/a/b/c/d", "", 404},
    {"no such version", "GET", "/v2/status", "", 404},
    {"paths have a case", "GET", "/V1/status", "", 404},
    {"the path is there, the method is not", "POST", "/v1/status", "", 405},
    {"a method nobody knows", "BREW", "/v1/domains", "", 405},
    {"a misspelt parameter must not be taken for none", "GET", "/v1/domains", "limt=5",
     400},
    {"a parameter without a name", "GET", "/v1/domains", "=5", 400},
    {"a parameter of another route", "GET", "/v1/status", "from=2026-11-01", 400},
};

TEST(Routes, Refuses) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    const auto match = Find(row.method, row.path, row.query);
    ASSERT_FALSE(match);
    EXPECT_EQ(match.error().status, row.status);
  }
  const auto refused = Find("PUT", "/v1/domains");
  EXPECT_THAT(refused.error().headers, ElementsAre(std::pair<std::string, std::string>(
                                           "Allow", "GET, HEAD, POST")));
}

TEST(Routes, EachHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (const Route& route : Routes()) {
    EXPECT_TRUE(names.insert(route.name).second) << route.name;
    // Whoever changes something is an administrator.
    EXPECT_EQ(route.access == Access::kAdmin, route.method != "GET") << route.name;
  }
}

}  // namespace
}  // namespace tlsrpt::api
