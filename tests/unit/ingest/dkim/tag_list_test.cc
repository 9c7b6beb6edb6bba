#include "ingest/dkim/tag_list.h"

#include <gtest/gtest.h>

#include <string>

namespace tlsrpt::ingest {
namespace {

struct Row {
  const char* why;
  const char* text;
  const char* want;  // "name=value|..."; nullptr: kMalformed
};

const Row kRows[] = {
    {"two tags", "a=1;b=2", "a=1|b=2"},
    {"a \";\" at the end", "a=1;", "a=1"},
    {"and blanks after it", "a=1; \r\n ", "a=1"},
    {"blanks around everything", " a\t=  1 ;\r\n b = 2 ", "a=1|b=2"},
    {"blanks inside a value stay", "a=1 2\r\n 3", "a=1 2\r\n 3"},
    {"an empty value", "a=;b=", "a=|b="},
    {"\"=\" in a value", "a=b=c==", "a=b=c=="},
    {"underscores and digits in a name", "a_1=x", "a_1=x"},
    {"case counts: two tags", "a=1;A=2", "a=1|A=2"},
    {"RFC 8616, 4: UTF-8 in a value", "d=f\xC3\xAFrm.example", "d=f\xC3\xAFrm.example"},
    {"a tag twice", "a=1;b=2;a=1", nullptr},
    {"a tag twice, folded", "a=1;\r\n a\r\n =2", nullptr},
    {"two \";\"", "a=1;;b=2", nullptr},
    {"a \";\" first", ";a=1", nullptr},
    {"two \";\" at the end", "a=1;;", nullptr},
    {"no \"=\"", "a", nullptr},
    {"no name", "=1", nullptr},
    {"a name that starts with a digit", "1a=1", nullptr},
    {"a name that starts with _", "_a=1", nullptr},
    {"a blank in a name", "a b=1", nullptr},
    {"a hyphen in a name", "a-b=1", nullptr},
    {"a control character", "a=\x01", nullptr},
    {"DEL", "a=\x7f", nullptr},
    {"nothing", "", nullptr},
    {"blanks", " \r\n ", nullptr},
};

TEST(TagList, Table) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    const auto list = ParseTagList(row.text);
    ASSERT_EQ(list.has_value(), row.want != nullptr);
    if (!list) {
      EXPECT_EQ(list.error().kind, ErrorKind::kMalformed);
      continue;
    }
    std::string got;
    for (const Tag& tag : list->tags) {
      got +=
          (got.empty() ? "" : "|") + std::string(tag.name) + "=" + std::string(tag.value);
    }
    EXPECT_EQ(got, row.want);
  }
}

TEST(TagList, KnowsTheSpaceOfAValue) {
  const auto list = ParseTagList("a=1; b =\r\n x \r\n; c= y\r\n");
  ASSERT_TRUE(list);
  EXPECT_EQ(list->Find("b")->space, "\r\n x \r\n");
  EXPECT_EQ(list->Find("c")->space, " y\r\n");
  EXPECT_EQ(list->Find("B"), nullptr);
  EXPECT_EQ(list->Value("B", "?"), "?");
}

TEST(TagList, NoMoreTagsThanTheLimit) {
  const auto tags = [](std::size_t n) {
    std::string text;
    for (std::size_t i = 0; i < n; ++i) text += "t" + std::to_string(i) + "=;";
    return text;
  };
  EXPECT_TRUE(ParseTagList(tags(kMaxTags)));
  EXPECT_FALSE(ParseTagList(tags(kMaxTags + 1)));
}

TEST(TagList, EveryPrefixIsAnswered) {
  const std::string whole = " v=1; a_b=x y;\r\n c = d;";
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const std::string exact(whole.substr(0, n));
    (void)ParseTagList(exact);
  }
}

TEST(ColonList, Table) {
  using List = std::vector<std::string_view>;
  EXPECT_EQ(ColonList("a : b\r\n\t:c"), (List{"a", "b", "c"}));
  EXPECT_EQ(ColonList(""), (List{""}));
  EXPECT_EQ(ColonList("a:"), (List{"a", ""}));
}

}  // namespace
}  // namespace tlsrpt::ingest
