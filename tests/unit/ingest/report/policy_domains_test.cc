#include "ingest/report/policy_domains.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tlsrpt::ingest {
namespace {

TEST(PolicyDomainsIn, Table) {
  const struct {
    const char* why;
    const char* text;
    std::vector<std::string> want;
  } rows[] = {
      {"nothing", "", {}},
      {"one",
       R"({"policies":[{"policy":{"policy-domain":"firm.example"}}]})",
       {"firm.example"}},
      {"blanks, capitals, a dot at the end",
       "\"Policy-Domain\" :\n \"FIRM.example.\"",
       {"firm.example"}},
      {"several, each once, sorted",
       R"("policy-domain":"b.example","policy-domain":"a.example","policy-domain":"b.example")",
       {"a.example", "b.example"}},
      {"the text is cut after it",
       R"({"policies":[{"policy-domain":"firm.example")",
       {"firm.example"}},
      {"the text is cut inside it", R"({"policies":[{"policy-domain":"firm.exa)", {}},
      {"not a name", R"("policy-domain":"<MY_DOMAIN>","policy-domain":null)", {}},
      {"a name that is no text", R"("policy-domain":["firm.example"])", {}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(PolicyDomainsIn(row.text), row.want);
  }
}

}  // namespace
}  // namespace tlsrpt::ingest
