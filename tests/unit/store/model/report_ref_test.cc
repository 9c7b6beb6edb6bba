#include "store/model/report_ref.h"

#include <gtest/gtest.h>

namespace tlsrpt::store {
namespace {

using namespace std::chrono;  // NOLINT: literals and days

ReportRef Ref(std::string reporter, bool vouched) {
  return {.policy_domain = "firm.example",
          .day = sys_days{2026y / November / 20},
          .reporter = std::move(reporter),
          .report_key = *ParseUuid("00112233-4455-6677-8899-aabbccddeeff"),
          .vouched = vouched};
}

TEST(ReportRef, ThereAndBack) {
  EXPECT_EQ(ToText(Ref("google.com", true)),
            "firm.example~2026-11-20~google.com~00112233-4455-6677-8899-aabbccddeeff");
  // An operator may vouch for a report that names no reporter; nobody's is another row.
  for (const ReportRef& ref : {Ref("google.com", true), Ref("", true), Ref("", false)}) {
    EXPECT_EQ(ParseReportRef(ToText(ref)), ref) << ToText(ref);
  }
}

TEST(ReportRef, OneNameForOneReport) {
  for (const char* text :
       {"", "~~~", "firm.example", "firm.example~2026-11-20~google.com~1",
        "firm.example~2026-11-20~~00112233-4455-6677-8899-aabbccddeeff",
        "~2026-11-20~google.com~00112233-4455-6677-8899-aabbccddeeff",
        "firm.example~2026-11-31~google.com~00112233-4455-6677-8899-aabbccddeeff",
        "firm.example~2026-11-20~google.com~00112233-4455-6677-8899-AABBCCDDEEFF",
        "firm.example~2026-11-20~google.com~00112233-4455-6677-8899-aabbccddeeff~v",
        "firm.example~2026-11-20~google.com~00112233-4455-6677-8899-aabbccddeeff~u~u"}) {
    EXPECT_FALSE(ParseReportRef(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace tlsrpt::store
