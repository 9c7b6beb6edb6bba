#include "store/model/sts_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace tlsrpt::store {
namespace {

using ::testing::HasSubstr;

TEST(StsPolicy, Table) {
  const std::string kRest = "max_age: 86400\r\nmx: mail.example.com\r\n";
  const std::string kHead = "version: STSv1\r\nmode: testing\r\n";
  const struct {
    const char* why;
    std::string body;
    std::string want;  // the file we would write; empty: an error
    std::string error;
  } rows[] = {
      {"RFC 8461, 3.2: the example",
       "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\n"
       "mx: backupmx.example.com\r\nmax_age: 604800\r\n",
       "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\n"
       "mx: backupmx.example.com\r\nmax_age: 604800\r\n",
       ""},
      {"LF, no last line end, no blanks, another order",
       "max_age:1\nmx:mail.example.com\nmode:testing\nversion:STSv1",
       "version: STSv1\r\nmode: testing\r\nmx: mail.example.com\r\nmax_age: 1\r\n", ""},
      {"mode none needs no mx", "version: STSv1\nmode: none\nmax_age: 86400\n",
       "version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n", ""},
      {"capitals in a host name", kHead + "max_age: 1\r\nmx: Mail.Example.COM\r\n",
       kHead + "mx: mail.example.com\r\nmax_age: 1\r\n", ""},
      {"an unknown field is ignored", kHead + kRest + "x: y\r\n",
       kHead + "mx: mail.example.com\r\nmax_age: 86400\r\n", ""},
      {"RFC 8461, 3.2: of two modes the first", kHead + kRest + "mode: enforce\r\n",
       kHead + "mx: mail.example.com\r\nmax_age: 86400\r\n", ""},
      {"the largest max_age", kHead + "mx: a.example\r\nmax_age: 31557600\r\n",
       kHead + "mx: a.example\r\nmax_age: 31557600\r\n", ""},
      {"one more", kHead + "mx: a.example\r\nmax_age: 31557601\r\n", "",
       "line 4: max_age"},
      {"empty", "", "", "no \"version"},
      {"HTML", "<html>\n", "", "line 1: \"<html>\" is no"},
      {"an empty line inside", kHead + "\r\n" + kRest, "", "line 3: empty"},
      {"a byte order mark", "\xEF\xBB\xBF" + kHead + kRest, "", "no \"version"},
      {"another version", "version: STSv2\r\nmode: testing\r\n" + kRest, "",
       "line 1: version"},
      {"no mode", "version: STSv1\r\n" + kRest, "", "no \"mode\""},
      {"an unknown mode", "version: STSv1\r\nmode: report\r\n" + kRest, "",
       "line 2: mode"},
      {"a mode in capitals", "version: STSv1\r\nmode: Testing\r\n" + kRest, "", "line 2"},
      {"no max_age", kHead + "mx: a.example\r\n", "", "no \"max_age\""},
      {"a max_age in days", kHead + "mx: a.example\r\nmax_age: 7d\r\n", "", "line 4"},
      {"negative", kHead + "mx: a.example\r\nmax_age: -1\r\n", "", "line 4"},
      {"eleven digits", kHead + "mx: a.example\r\nmax_age: 00000000001\r\n", "",
       "line 4"},
      {"no mx", kHead + "max_age: 1\r\n", "", "no \"mx\""},
      {"an mx that is an address", kHead + "mx: 192.0.2.1\r\nmax_age: 1\r\n", "",
       "line 3: mx"},
      {"a star inside", kHead + "mx: mail.*.example\r\nmax_age: 1\r\n", "", "line 3: mx"},
      {"an mx with a dot at its end, which no host name has",
       kHead + "mx: mail.example.com.\r\nmax_age: 1\r\n", "",
       "line 3: mx \"mail.example.com.\" matches no host; write it as mail.example.com"},
      {"a U-label",
       kHead + "mx: *.b\xC3\xBC"
               "cher.example\r\nmax_age: 1\r\n",
       "", "matches no host; write it as *.xn--bcher-kva.example"},
      {"the dot of the drafts", kHead + "mx: .example.net\r\nmax_age: 1\r\n", "",
       "line 3"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const auto got = ParseStsPolicy(row.body);
    EXPECT_EQ(got.has_value(), !row.want.empty());
    if (got) {
      EXPECT_EQ(ToText(*got), row.want);
      EXPECT_EQ(*ParseStsPolicy(row.want), *got);
    } else {
      EXPECT_EQ(got.error().kind, ErrorKind::kMalformed);
      EXPECT_THAT(got.error().message, HasSubstr(row.error));
    }
  }
}

TEST(StsPolicy, EveryPrefixIsAnswered) {
  const std::string whole =
      "version: STSv1\r\nmode: enforce\r\nmx: *.a.example\r\nmax_age: 1";
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const std::string exact(whole.substr(0, n));  // its own allocation, for ASan
    EXPECT_FALSE(ParseStsPolicy(exact).has_value()) << n;
  }
}

}  // namespace
}  // namespace tlsrpt::store
