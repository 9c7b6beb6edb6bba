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
    bool all = true;
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
       {"firm.example"},
       false},
      {"the text is cut inside it",
       R"({"policies":[{"policy-domain":"firm.exa)",
       {},
       false},
      {"the text is cut behind a policy",
       R"({"policies":[{"policy":{"policy-domain":"firm.example"}})",
       {"firm.example"},
       false},
      {"not a name", R"("policy-domain":"<MY_DOMAIN>","policy-domain":null)", {}, false},
      {"a name that is no text", R"("policy-domain":["firm.example"])", {}, false},
      {"a policy without one",
       R"({"policy-type":"sts","policy-domain":"b.example"},{"policy-type":"sts"})",
       {"b.example"},
       false},
      {"blanks around it", R"("policy-domain":" firm.example ")", {"firm.example"}},
      {"another script, escaped as most libraries do it",
       R"("policy-domain":"b\u00fccher.example")",
       {"xn--bcher-kva.example"}},
      {"an escape that is none", R"("policy-domain":"b\x.example")", {}, false},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const SaidDomains said = PolicyDomainsIn(row.text);
    EXPECT_EQ(said.domains, row.want);
    EXPECT_EQ(said.all, row.all);
  }
}

TEST(MxHostsIn, Table) {
  const struct {
    const char* why;
    const char* text;
    std::vector<std::string> want;
  } rows[] = {
      {"nothing", R"({"policy-domain":"firm.example"})", {}},
      {"a text", R"("MX-Host" : "MX1.firm.example.")", {"mx1.firm.example"}},
      {"a list",
       R"("mx-host":[ "mx2.firm.example" , "mx1.firm.example"],"x":"y.example")",
       {"mx1.firm.example", "mx2.firm.example"}},
      {"a pattern is no host",
       R"("mx-host":["*.firm.example","mx1.firm.example"])",
       {"mx1.firm.example"}},
      {"the text is cut inside the list",
       R"("mx-host":["mx1.firm.example","mx2.firm)",
       {"mx1.firm.example"}},
      {"no list, no text", R"("mx-host":{"a":"mx1.firm.example"})", {}},
      {"as the parser takes them",
       R"("mx-host-pattern":[null, " mx2.firm.example ", "mx: mx1.firm.example", 3])",
       {"mx1.firm.example", "mx2.firm.example"}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(MxHostsIn(row.text), row.want);
  }
}

}  // namespace
}  // namespace tlsrpt::ingest
