// Keys are for ever: rows of last year are found by them. The values here were not made
// with the code under test but with this, and must never be changed to make it pass:
//
//   def key(*fields):  # of bytes; numbers as decimal text
//       text = b''.join(len(f).to_bytes(8, 'big') + f for f in fields)
//       return hashlib.sha256(text).hexdigest()[:32]
//
//   report_key   key(organisation, report_id, start, end, policy_domain)
//   policy_hash  key(type, len(lines), *lines, *mx_patterns)
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "store/model/digest.h"
#include "store/model/filing.h"
#include "store/model/report.h"

namespace tlsrpt::store {
namespace {

using namespace std::chrono;

TEST(Digest, GoldenValues) {
  EXPECT_EQ(ToHex(Digest().First16().AsBytes()), "e3b0c44298fc1c149afbf4c8996fb924")
      << "SHA-256 of nothing";
  EXPECT_EQ(ToHex(Digest().Add("").First16().AsBytes()),
            "af5570f5a1810b7af78caf4bc70a660f")
      << "an empty field is not nothing";
  EXPECT_EQ(ToHex(Digest().Add("ab").Add("c").First16().AsBytes()),
            "601d5476e2ccfe2c87a2bba7a3226597");
  EXPECT_EQ(ToHex(Digest().Add("a").Add("bc").First16().AsBytes()),
            "3fafa1cf2f19a7c1129beb20cf0983f7");
  EXPECT_EQ(ToHex(Digest().Add(std::int64_t{-42}).First16().AsBytes()),
            "b4e480ceb9f43e9818bd17f9b53bb1d2");
  EXPECT_EQ(ToHex(Digest().Add(std::string(300, 'a')).First16().AsBytes()),
            "dc1a27fc85539ae152d698a74d8f1548")
      << "a length of two bytes, big-endian";
}

struct KeyRow {
  const char* why;
  std::string organisation, report_id;
  sys_seconds start, end;
  std::string policy_domain;
  std::string_view want;
};

constexpr auto kStart = sys_days{2024y / September / 3} + 0s;
constexpr auto kEnd = kStart + 86399s;
const std::string kId = "2024-09-03T00:00:00Z_firm.example";

const KeyRow kKeys[] = {
    {"a report of Google", "Google Inc.", kId, kStart, kEnd, "firm.example",
     "ea131f812e1f8e884ffdec3e5fd2bde6"},
    {"Halon: one report-id for a whole batch of domains", "Google Inc.", kId, kStart,
     kEnd, "shop.example", "b2b77576095f7eb09103817e87043665"},
    {"another report-id", "Google Inc.", "2024-09-03T00:00:00Z_firm.exampl", kStart, kEnd,
     "firm.example", "3d8abe117dff05c4acda9b0d67514fc0"},
    {"another organisation", "Google", kId, kStart, kEnd, "firm.example",
     "5cc65b09d1b79f334d5469606efc41de"},
    {"another start", "Google Inc.", kId, kStart + 1s, kEnd, "firm.example",
     "1c5181e3188259b678dffc9a8ba9be23"},
    {"another end", "Google Inc.", kId, kStart, kEnd + 1s, "firm.example",
     "37bcbf62a2f2ce43bbe5b7b79352719f"},
    {"a byte moved from one field into the next", "Google Inc.2",
     "024-09-03T00:00:00Z_firm.example", kStart, kEnd, "firm.example",
     "2f605a8fb08976c98e935c91ce59b970"},
    {"not ASCII", "Müller", "1", kStart, kEnd, "xn--mnchen-3ya.example",
     "f99610699457f1e583afe48a7393051d"},
    {"before 1970", "Google Inc.", "1", sys_seconds(-86400s), sys_seconds(-1s),
     "firm.example", "6bbd2185536df31939214668f646aa51"},
    {"nothing in it", "", "", sys_seconds(0s), sys_seconds(0s), "",
     "dbfab687b97a327e58034d3c747f5654"},
};

TEST(ReportKey, GoldenValues) {
  std::set<Uuid> seen;
  for (const KeyRow& row : kKeys) {
    SCOPED_TRACE(row.why);
    Report report;
    report.organisation = row.organisation;
    report.report_id = row.report_id;
    report.period_start = row.start;
    report.period_end = row.end;
    const Uuid key = ReportKey(report, row.policy_domain);
    EXPECT_EQ(ToHex(key.AsBytes()), row.want);
    EXPECT_TRUE(seen.insert(key).second);
  }
}

// A second copy of a report may differ in all this and is a copy still.
TEST(ReportKey, NothingElseIsPartOfIt) {
  Report report;
  report.organisation = "Google Inc.";
  report.report_id = kId;
  report.period_start = kStart;
  report.period_end = kEnd;
  const Uuid key = ReportKey(report, "firm.example");
  report.contact = "smtp-tls-reporting@google.com";
  report.anomalies.push_back({AnomalyCode::kMailForm, "x"});
  report.results.emplace_back().success_sessions = 7;
  EXPECT_EQ(ReportKey(report, "firm.example"), key);
}

PolicyText Testing() {
  PolicyText policy;
  policy.type = PolicyType::kSts;
  policy.mode = PolicyMode::kTesting;
  policy.max_age = seconds{86400};
  policy.mx_patterns = {"mx1.firm.example"};
  policy.lines = {"version: STSv1", "mode: testing", "mx: mx1.firm.example",
                  "max_age: 86400"};
  return policy;
}

TEST(PolicyHash, GoldenValues) {
  EXPECT_EQ(ToHex(PolicyHash(Testing()).AsBytes()), "120fc826010ee5205b96d9d5e695220a");
  PolicyText tlsa;
  tlsa.type = PolicyType::kTlsa;
  tlsa.lines = {"3 1 1 00FF"};
  EXPECT_EQ(ToHex(PolicyHash(tlsa).AsBytes()), "6333eba3771c9e3ba0bb436e76644f5c");
  EXPECT_EQ(ToHex(PolicyHash(PolicyText()).AsBytes()),
            "3668fa96c88fc26990f62636233f8f66");
}

TEST(PolicyHash, Properties) {
  struct Row {
    const char* why;
    std::function<void(PolicyText&)> change;
    bool same;
  };
  const Row rows[] = {
      {"nothing", [](PolicyText&) {}, true},
      {"the type: tlsa lines are no sts lines",
       [](PolicyText& p) { p.type = PolicyType::kTlsa; }, false},
      {"a line", [](PolicyText& p) { p.lines[1] = "mode: enforce"; }, false},
      {"the case of a line: kept as sent", [](PolicyText& p) { p.lines[0][0] = 'V'; },
       false},
      {"the order of lines: another text",
       [](PolicyText& p) { std::swap(p.lines[0], p.lines[1]); }, false},
      {"a line more", [](PolicyText& p) { p.lines.push_back("x: y"); }, false},
      {"a line less", [](PolicyText& p) { p.lines.pop_back(); }, false},
      {"an empty line", [](PolicyText& p) { p.lines.push_back(""); }, false},
      {"two lines glued into one",
       [](PolicyText& p) {
         p.lines = {"version: STSv1mode: testing", "mx: mx1.firm.example",
                    "max_age: 86400"};
       },
       false},
      {"the boundary of two lines moved",
       [](PolicyText& p) {
         p.lines[0] += p.lines[1][0];
         p.lines[1].erase(0, 1);
       },
       false},
      {"an mx pattern", [](PolicyText& p) { p.mx_patterns[0] = "mx2.firm.example"; },
       false},
      {"an mx pattern more",
       [](PolicyText& p) { p.mx_patterns.push_back("*.x.example"); }, false},
      {"no mx pattern", [](PolicyText& p) { p.mx_patterns.clear(); }, false},
      {"a line that became a pattern",
       [](PolicyText& p) {
         p.mx_patterns.insert(p.mx_patterns.begin(), p.lines.back());
         p.lines.pop_back();
       },
       false},
      {"mode is read from the lines",
       [](PolicyText& p) { p.mode = PolicyMode::kEnforce; }, true},
      {"max_age is read from the lines", [](PolicyText& p) { p.max_age.reset(); }, true},
  };
  const PolicyText before = Testing();
  const PolicyHashOrder less;
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    PolicyText policy = Testing();
    row.change(policy);
    EXPECT_EQ(PolicyHash(policy) == PolicyHash(before), row.same);
    EXPECT_EQ(!less(&policy, &before) && !less(&before, &policy), row.same);
  }
}

}  // namespace
}  // namespace tlsrpt::store
