#include "ingest/report/json_tree.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <vector>

#include "ingest/report/json_mend.h"

namespace tlsrpt::ingest {
namespace {

// A tree written out again, names and order as they came: {a:1,b:["x",null]}.
std::string Written(const JsonValue& value) {
  switch (value.kind()) {
    case JsonKind::kAbsent:
      return "absent";
    case JsonKind::kNull:
      return "null";
    case JsonKind::kBool:
      return "bool";
    case JsonKind::kUnsigned:
      return std::to_string(value.unsigned_value());
    case JsonKind::kNegative:
      return "negative";
    case JsonKind::kFloat:
      return "float";
    case JsonKind::kString:
      return "\"" + std::string(value.text()) + "\"";
    case JsonKind::kArray:
    case JsonKind::kObject:
      break;
  }
  const bool object = value.Is(JsonKind::kObject);
  std::string out;
  for (const JsonValue child : value) {
    if (!out.empty()) out += ",";
    if (object) out += std::string(child.name()) + ":";
    out += Written(child);
  }
  return (object ? "{" : "[") + out + (object ? "}" : "]");
}

struct Row {
  const char* why;
  std::string json;
  std::string want;  // "!" and part of the error
  bool mended = false;
  bool text_after = false;
};

TEST(JsonTree, Table) {
  const Row rows[] = {
      {"scalars", R"([null,true,0,5,-1,2.5,1e3,"x"])",
       R"([null,bool,0,5,negative,float,float,"x"])"},
      {"minus zero", "[-0]", "[0]"},
      {"past 63 bits", "[9223372036854775808]", "[9223372036854775808]"},
      {"past 64 bits", "[18446744073709551616]", "[float]"},
      {"below 64 bits", "[-9223372036854775809]", "[float]"},
      {"order is kept", R"({"b":1,"a":{"c":[]},"d":2})", "{b:1,a:{c:[]},d:2}"},
      {"duplicates are kept", R"({"a":1,"a":2})", "{a:1,a:2}"},
      {"an escaped name", R"({"\u0061":1})", "{a:1}"},
      {"an empty name", R"({"":1})", "{:1}"},
      {"byte order mark", "\xEF\xBB\xBF{}", "{}"},
      {"blanks around", " \r\n\t{} \r\n", "{}"},
      // Text after the value.
      {"text after", "{} -- footer", "{}", false, true},
      {"a closing brace too many", "{\"a\":1}}", "{a:1}", false, true},
      {"NUL after, which nlohmann takes for the end", std::string("{}\0", 3), "{}"},
      {"NUL and text after", std::string("{}\0x", 4), "{}", false, true},
      {"a second report", "{\"a\":1}{\"b\":2}", "!a second value may follow at byte 7"},
      {"a second report behind NUL", std::string("{\"a\":1}\0{\"b\":2}", 15),
       "!a second value may follow at byte 8"},
      {"a second report behind text", "{} and {\"policies\":[]}",
       "!a second value may follow at byte 3"},
      {"an escaped quote before braces in a string, and text after",
       R"({"a":"\"}{"} footer)", R"({a:""}{"})", false, true},
      // Mended.
      {"RFC 8460, app. B: a line break in a string", "{\"a\":\"x\r\ny\"}", "{a:\"x  y\"}",
       true},
      {"NUL in a string", std::string("{\"a\":\"x\0y\"}", 11), "{a:\"x\xEF\xBF\xBDy\"}",
       true},
      {"invalid UTF-8 in a string", "{\"a\":\"x\xffy\"}", "{a:\"x\xEF\xBF\xBDy\"}", true},
      {"invalid UTF-8 in a name", "{\"\xff\":1}", "{\xEF\xBF\xBD:1}", true},
      {"half a surrogate", R"({"a":"\ud800x"})", "{a:\"\xEF\xBF\xBDx\"}", true},
      {"the other half", R"({"a":"\udc00"})", "{a:\"\xEF\xBF\xBD\"}", true},
      {"two first halves", R"({"a":"\ud800\ud800"})", "{a:\"\xEF\xBF\xBD\xEF\xBF\xBD\"}",
       true},
      {"a whole pair beside a half", R"({"a":"\ud83d\ude00\ud800"})",
       "{a:\"\xF0\x9F\x98\x80\xEF\xBF\xBD\"}", true},
      {"an unknown escape", R"({"a":"C:\Mail\x"})", R"({a:"C:\Mail\x"})", true},
      {"an escape without its digits", R"({"a":"\u12"})", R"({a:"\u12"})", true},
      {"an escaped quote beside something to mend", "{\"a\":\"\\\"\n\\\\\"}",
       "{a:\"\" \\\"}", true},
      {"a number past a double", R"({"a":1e400,"b":"1e400"})", R"({a:float,b:"1e400"})",
       true},
      {"a long number past a double", "[" + std::string(400, '9') + "]", "[float]", true},
      // Refused.
      {"empty", "", "!JSON"},
      {"blanks", "  ", "!JSON"},
      {"no JSON", "hello", "!byte 1"},
      {"an array cut", "[1,2", "!byte 5"},
      {"an object cut", "{\"a\":", "!JSON"},
      {"single quotes (a .NET test literal)", "{'a':1}", "!byte 2"},
      {"a trailing comma (the same)", "{\"a\":1,}", "!byte 8"},
      {"a string that does not end", "{\"a\":\"x}", "!JSON"},
      {"a line break outside of strings mends nothing", "{\"a\" \n \"b\"}", "!JSON"},
      {"NUL between members", std::string("{\"a\":1\0,\"b\":2}", 14), "!JSON"},
      {"UTF-16", std::string("\xff\xfe{\0}\0", 6), "!JSON"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    const auto got = ReadJson(row.json);
    if (row.want.starts_with("!")) {
      ASSERT_FALSE(got.has_value());
      EXPECT_EQ(got.error().kind, ErrorKind::kMalformed);
      EXPECT_NE(got.error().message.find(row.want.substr(1)), std::string::npos)
          << got.error().message;
      continue;
    }
    ASSERT_TRUE(got.has_value()) << got.error().message;
    EXPECT_EQ(Written(got->root()), row.want);
    EXPECT_EQ(got->mended, row.mended);
    EXPECT_EQ(got->text_after_json, row.text_after);
  }
}

TEST(JsonTree, ABigNumberKeepsItsSign) {
  const auto tree = ReadJson("[-1e400,1e400]");
  ASSERT_TRUE(tree.has_value());
  std::vector<double> values;
  for (const JsonValue value : tree->root()) values.push_back(value.float_value());
  EXPECT_EQ(values, (std::vector<double>{-1e300, 1e300}));
}

TEST(JsonTree, TheDepthLimitIsExact) {
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']');
  };
  EXPECT_TRUE(ReadJson(nested(kMaxJsonDepth)).has_value());
  const auto deeper = ReadJson(nested(kMaxJsonDepth + 1));
  ASSERT_FALSE(deeper.has_value());
  EXPECT_EQ(deeper.error().kind, ErrorKind::kTooLarge);
  const auto million = ReadJson(std::string(1'000'000, '['));
  ASSERT_FALSE(million.has_value());
  EXPECT_EQ(million.error().kind, ErrorKind::kTooLarge);
  // Also when the text needs mending first.
  const auto mended = ReadJson("[\"\n\"," + nested(kMaxJsonDepth + 1) + "]");
  ASSERT_FALSE(mended.has_value());
  EXPECT_EQ(mended.error().kind, ErrorKind::kTooLarge);
}

TEST(JsonTree, TheNumberOfValuesIsBounded) {
  std::string json = "[";
  for (std::size_t i = 0; i < kMaxJsonValues; ++i) json += "1,";
  json += "1]";
  const auto got = ReadJson(json);
  ASSERT_FALSE(got.has_value());
  EXPECT_EQ(got.error().kind, ErrorKind::kTooLarge);
}

TEST(JsonTree, ErrorsAreShort) {
  const auto got = ReadJson("{\"" + std::string(100'000, 'x') + "\n");
  ASSERT_FALSE(got.has_value());
  EXPECT_LT(got.error().message.size(), 300u);
}

TEST(JsonTree, StringsInsideAString) {
  using Strings = std::vector<std::string>;
  EXPECT_EQ(ReadJsonStrings(R"(["a","b"])"), (Strings{"a", "b"}));
  EXPECT_EQ(ReadJsonStrings(R"( ["a"])"), Strings{"a"});
  EXPECT_EQ(ReadJsonStrings(R"(["a",1])"), Strings{});
  EXPECT_EQ(ReadJsonStrings(R"([])"), Strings{});
  EXPECT_EQ(ReadJsonStrings(R"(["a")"), Strings{});
  EXPECT_EQ(ReadJsonStrings("3 1 1 00"), Strings{});
}

// Mending is only ever tried on what is not JSON; what is JSON it must leave alone.
TEST(JsonMend, LeavesJsonAlone) {
  const std::string json =
      R"({"a":"\"\\\/\b\f\n\r\t\u00e4\ud83d\ude00","b":[-1.5e+3,0,1E-400,true],"\u0000":""})";
  EXPECT_EQ(MendJson(json), json);
}

TEST(JsonMend, EveryPrefixIsAnswered) {
  const std::string json = "{\"a\":\"\\ud83d\\ude00\\ud800\\u12\\x\xff\n\",\"b\":1e400}";
  for (std::size_t n = 0; n < json.size(); ++n) {
    const std::string cut(json.substr(0, n));  // its own allocation, for ASan
    (void)MendJson(cut);
    (void)EndOfFirstValue(cut);
    (void)ReadJson(cut);
  }
}

}  // namespace
}  // namespace tlsrpt::ingest
