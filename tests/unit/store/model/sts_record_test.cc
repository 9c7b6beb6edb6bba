#include "store/model/sts_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tlsrpt::store {
namespace {

using ::testing::HasSubstr;

struct Row {
  const char* why;
  std::vector<std::string> records;
  std::string want;   // the id, or the ruas joined by a blank
  std::string error;  // part of the message
};

TEST(StsRecord, Table) {
  const Row rows[] = {
      {"RFC 8461, 3.1: the example",
       {"v=STSv1; id=20160831085700Z;"},
       "20160831085700Z",
       ""},
      {"no last semicolon", {"v=STSv1; id=1"}, "1", ""},
      {"no blanks", {"v=STSv1;id=1"}, "1", ""},
      {"a blank before the delimiter", {"v=STSv1 ; id=1 ;"}, "1", ""},
      {"32 characters",
       {"v=STSv1; id=" + std::string(32, 'a')},
       std::string(32, 'a'),
       ""},
      {"an extension field", {"v=STSv1; id=1; a_b=c"}, "1", ""},
      {"other people's records are ignored",
       {"some-verification=1", "v=STSv1; id=1"},
       "1",
       ""},
      {"none", {}, "", "there is no TXT record"},
      {"only other people's", {"v=spf1 -all"}, "", "no TXT record begins with"},
      {"two: senders take neither", {"v=STSv1; id=1", "v=STSv1; id=2"}, "", "2 records"},
      {"lower case is another version", {"v=stsv1; id=1"}, "", "no TXT record begins"},
      {"a blank first", {" v=STSv1; id=1"}, "", "no TXT record begins"},
      {"no delimiter after the version", {"v=STSv1"}, "", "no TXT record begins"},
      {"a longer version", {"v=STSv10; id=1"}, "", "no TXT record begins"},
      {"no id", {"v=STSv1; "}, "", "no id"},
      {"an empty id", {"v=STSv1; id=;"}, "", "not 1 to 32"},
      {"33 characters", {"v=STSv1; id=" + std::string(33, 'a')}, "", "not 1 to 32"},
      {"a hyphen in the id", {"v=STSv1; id=2026-01-01"}, "", "not 1 to 32"},
      {"two ids", {"v=STSv1; id=1; id=2"}, "", "two ids"},
      {"not a field", {"v=STSv1; id=1; nonsense"}, "", "no name=value"},
      {"an empty field", {"v=STSv1;; id=1"}, "", "empty field"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    const auto got = StsRecordOf(row.records);
    EXPECT_EQ(got ? got->id : "", row.want);
    EXPECT_THAT(got ? "" : got.error().message, HasSubstr(row.error));
    EXPECT_EQ(got.has_value(), row.error.empty());
  }
}

TEST(TlsRptRecord, Table) {
  const Row rows[] = {
      {"RFC 8460, 3.1.1: the example",
       {"v=TLSRPTv1;rua=mailto:reports@example.com"},
       "mailto:reports@example.com",
       ""},
      {"https",
       {"v=TLSRPTv1; rua=https://r.example/v1/tlsrpt"},
       "https://r.example/v1/tlsrpt",
       ""},
      {"two, with blanks",
       {"v=TLSRPTv1; rua=mailto:a@a.example , https://b.example/ ;"},
       "mailto:a@a.example https://b.example/",
       ""},
      {"an extension field",
       {"v=TLSRPTv1; rua=mailto:a@a.example; x=y"},
       "mailto:a@a.example",
       ""},
      {"none", {}, "", "there is no TXT record"},
      {"two",
       {"v=TLSRPTv1; rua=mailto:a@a", "v=TLSRPTv1; rua=mailto:b@b"},
       "",
       "2 records"},
      {"no rua", {"v=TLSRPTv1; ruf=mailto:a@a.example"}, "", "no rua"},
      {"an empty rua", {"v=TLSRPTv1; rua="}, "", "neither mailto"},
      {"an address without a scheme",
       {"v=TLSRPTv1; rua=a@a.example"},
       "",
       "neither mailto"},
      {"http", {"v=TLSRPTv1; rua=http://a.example/"}, "", "neither mailto"},
      {"mailto: without an address", {"v=TLSRPTv1; rua=mailto:a"}, "", "neither mailto"},
      {"a comma at the end",
       {"v=TLSRPTv1; rua=mailto:a@a.example,"},
       "",
       "neither mailto"},
      {"DMARC's size limit",
       {"v=TLSRPTv1; rua=mailto:a@a.example!10m"},
       "",
       "neither mailto"},
      {"two rua fields",
       {"v=TLSRPTv1; rua=mailto:a@a.b; rua=mailto:b@a.b"},
       "",
       "two rua"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    const auto got = TlsRptRecordOf(row.records);
    std::string joined;
    if (got) {
      for (const std::string& uri : got->rua) joined += (joined.empty() ? "" : " ") + uri;
    }
    EXPECT_EQ(joined, row.want);
    EXPECT_THAT(got ? "" : got.error().message, HasSubstr(row.error));
    EXPECT_EQ(got.has_value(), row.error.empty());
  }
}

}  // namespace
}  // namespace tlsrpt::store
