#include "store/model/filing.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tlsrpt::store {
namespace {

using namespace std::chrono;

constexpr auto kAugust3 = sys_days{2026y / August / 3};
constexpr auto kNow = sys_days{2026y / August / 5} + 9h;

TEST(Filing, DayOf) {
  struct Row {
    const char* why;
    sys_seconds start, end;
    sys_days want;
  };
  const Row rows[] = {
      {"Google: ends at 23:59:59", kAugust3, kAugust3 + 86399s, kAugust3},
      {"Mail.ru, Stalwart: ends at the next midnight", kAugust3, kAugust3 + 24h,
       kAugust3},
      {"an hour of it", kAugust3 + 23h, kAugust3 + 24h, kAugust3},
      {"a moment", kAugust3 + 5h, kAugust3 + 5h, kAugust3},
      {"midnight itself", kAugust3, kAugust3, kAugust3},
      {"a day of UTC+2", kAugust3 - 2h, kAugust3 + 22h, kAugust3},
      {"a day of UTC-8", kAugust3 + 8h, kAugust3 + 32h, kAugust3},
      {"Stalwart: noon to noon, the middle is midnight", kAugust3 - 12h, kAugust3 + 12h,
       kAugust3},
      {"one second less", kAugust3 - 12h, kAugust3 + 12h - 2s, kAugust3 - days{1}},
      {"a week", kAugust3, kAugust3 + days{7} - 1s, kAugust3 + days{3}},
      {"two days", kAugust3, kAugust3 + days{2} - 1s, kAugust3},
      {"two days to midnight", kAugust3, kAugust3 + days{2}, kAugust3 + days{1}},
      {"29 February", sys_days{2024y / February / 29},
       sys_days{2024y / February / 29} + 24h, sys_days{2024y / February / 29}},
      {"before 1970", sys_seconds(-86400s), sys_seconds(-1s), sys_days{days{-1}}},
      {"over 1970", sys_seconds(-3600s), sys_seconds(0s), sys_days{days{-1}}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(DayOf(row.start, row.end), row.want);
  }
}

PolicyResult ResultFor(std::string domain, std::int64_t success = 1,
                       PolicyType type = PolicyType::kSts,
                       std::vector<std::string> mx_hosts = {}) {
  PolicyResult result;
  result.policy_type = type;
  result.policy_domain = std::move(domain);
  result.success_sessions = success;
  result.mx_hosts = std::move(mx_hosts);
  return result;
}

Report ReportOn(std::vector<PolicyResult> results, sys_seconds start = kAugust3,
                sys_seconds end = kAugust3 + 86399s) {
  Report report;
  report.organisation = "Google Inc.";
  report.report_id = "2026-08-03T00:00:00Z_firm.example";
  report.contact = "smtp-tls-reporting@google.com";
  report.period_start = start;
  report.period_end = end;
  report.results = std::move(results);
  return report;
}

OwnDomains Ours() {
  return OwnDomains({"firm.example", ".example.net"},
                    {"mx1.firm.example", "mx2.firm.example", "*.pool.example"});
}

FilingContext Context() {
  FilingContext context;
  context.provenance = Provenance::kDkim;
  context.reporter = "google.com";
  context.report_ix = 2;
  context.now = kNow;
  return context;
}

// Multi-day periods: successes count on one day, failures stand against each.
TEST(Filing, DaysOfAPeriod) {
  struct Row {
    const char* why;
    sys_seconds start, end;
    sys_days day, first, last;
  };
  const Row rows[] = {
      {"a day", kAugust3, kAugust3 + 86399s, kAugust3, kAugust3, kAugust3},
      {"to the next midnight", kAugust3, kAugust3 + 24h, kAugust3, kAugust3, kAugust3},
      {"a day of UTC+2 is one day", kAugust3 - 2h, kAugust3 + 22h, kAugust3, kAugust3,
       kAugust3},
      {"36 hours are one day", kAugust3 - 6h, kAugust3 + 30h, kAugust3, kAugust3,
       kAugust3},
      {"a second more are three", kAugust3 - 6h, kAugust3 + 30h + 1s, kAugust3,
       kAugust3 - days{1}, kAugust3 + days{1}},
      {"two days", kAugust3 - days{1}, kAugust3 + 86399s, kAugust3 - days{1},
       kAugust3 - days{1}, kAugust3},
      {"two days to midnight touch no third", kAugust3 - days{1}, kAugust3 + 24h,
       kAugust3, kAugust3 - days{1}, kAugust3},
      {"a second past midnight does", kAugust3 - days{1}, kAugust3 + 24h + 1s, kAugust3,
       kAugust3 - days{1}, kAugust3 + days{1}},
      {"Google's week", kAugust3 - days{6}, kAugust3 + 86399s, kAugust3 - days{3},
       kAugust3 - days{6}, kAugust3},
      {"8 days exactly, over nine", kAugust3 - days{7} - 1h, kAugust3 + 23h,
       kAugust3 - days{4}, kAugust3 - days{8}, kAugust3},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    const auto got = FileReport(ReportOn({ResultFor("firm.example")}, row.start, row.end),
                                Ours(), Context());
    ASSERT_TRUE(got.has_value()) << got.error().message;
    ASSERT_EQ(got->filed.size(), 1u);
    EXPECT_EQ(got->filed[0].day, row.day);
    EXPECT_EQ(got->filed[0].first_day, row.first);
    EXPECT_EQ(got->filed[0].last_day, row.last);
  }
}

TEST(Filing, Period) {
  struct Row {
    const char* why;
    sys_seconds start, end;
    std::string_view complaint;  // empty: taken
  };
  // 25 calendar months before 5 August 2026.
  constexpr auto kOldest = sys_days{2024y / July / 5};
  const Row rows[] = {
      {"yesterday", kAugust3 + days{1}, kAugust3 + days{1} + 86399s, ""},
      {"a moment", kAugust3, kAugust3, ""},
      {"reversed", kAugust3 + 1s, kAugust3, "ends before it starts"},
      {"start and end swapped", kAugust3 + 86399s, kAugust3, "ends before it starts"},
      {"8 days", kAugust3 - days{7}, kAugust3 + days{1}, ""},
      {"8 days and a second", kAugust3 - days{7} - 1s, kAugust3 + days{1},
       "longer than 8 days"},
      {"a year", kAugust3 - days{365}, kAugust3, "longer than 8 days"},
      {"today, a sender whose day is over 14 hours before ours", kAugust3 + days{2} - 14h,
       kAugust3 + days{3} - 14h, ""},
      {"ends 48 hours from now", kNow + 24h, kNow + 48h, ""},
      {"a second later", kNow + 24h, kNow + 48h + 1s, "in the future"},
      {"next year", kAugust3 + days{365}, kAugust3 + days{366}, "in the future"},
      {"year 9999", sys_days{9999y / December / 30}, sys_days{9999y / December / 31},
       "in the future"},
      {"the oldest day", kOldest, kOldest + 86399s, ""},
      {"its middle is on the oldest day", kOldest - 12h, kOldest + 12h, ""},
      {"the day before", kOldest - days{1}, kOldest - 1s, "2024-07-05, the oldest day"},
      {"1970", sys_seconds(0s), sys_seconds(86399s), "the oldest day kept"},
      {"year 0", sys_days{0y / January / 1}, sys_days{0y / January / 1} + 86399s,
       "the oldest day kept"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    const auto got = FileReport(ReportOn({ResultFor("firm.example")}, row.start, row.end),
                                Ours(), Context());
    ASSERT_EQ(got.has_value(), row.complaint.empty());
    if (got) {
      EXPECT_EQ(got->filed.size(), 1u);
    } else {
      EXPECT_EQ(got.error().kind, ErrorKind::kMalformed);
      EXPECT_NE(got.error().message.find(row.complaint), std::string::npos)
          << got.error().message;
    }
  }
}

TEST(Filing, ThePeriodIsNamed) {
  const auto got =
      FileReport(ReportOn({ResultFor("firm.example")}, kAugust3 + 86399s, kAugust3 - 1s),
                 Ours(), Context());
  ASSERT_FALSE(got.has_value());
  EXPECT_EQ(got.error().message,
            "date-range: ends before it starts (2026-08-03 to 2026-08-02)");
}

// Whoever holds it then wants to say whom it is about.
TEST(Filing, WhatIsRefusedIsLeftAsItWas) {
  Report report = ReportOn({ResultFor("firm.example")}, kAugust3 + 86399s, kAugust3 - 1s);
  ASSERT_FALSE(FileReport(std::move(report), Ours(), Context()).has_value());
  ASSERT_EQ(report.results.size(), 1u);
  EXPECT_EQ(report.results[0], ResultFor("firm.example"));
}

// By calendar months: what partitions and the administrator count in.
TEST(Filing, Retention) {
  struct Row {
    const char* why;
    sys_days today;
    months retention;
    sys_days oldest;
  };
  const Row rows[] = {
      {"13 months", sys_days{2026y / August / 5}, months{13}, sys_days{2025y / July / 5}},
      {"a month with a leap day", sys_days{2024y / March / 29}, months{1},
       sys_days{2024y / February / 29}},
      {"no 30 February: its last day", sys_days{2026y / March / 30}, months{1},
       sys_days{2026y / February / 28}},
      {"no 31 June", sys_days{2026y / July / 31}, months{1}, sys_days{2026y / June / 30}},
      {"over the year", sys_days{2026y / January / 15}, months{1},
       sys_days{2025y / December / 15}},
      {"centuries", sys_days{2026y / August / 5}, months{12 * 500},
       sys_days{1526y / August / 5}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    FilingContext context = Context();
    context.now = row.today + 23h;
    context.retention = row.retention;
    const auto on = [&](sys_days day) {
      return FileReport(ReportOn({ResultFor("firm.example")}, day, day + 86399s), Ours(),
                        context)
          .has_value();
    };
    EXPECT_TRUE(on(row.oldest));
    EXPECT_FALSE(on(row.oldest - days{1}));
  }
}

TEST(Filing, PolicyDomains) {
  struct Row {
    const char* why;
    std::vector<PolicyResult> results;
    std::string_view complaint;
  };
  const Row rows[] = {
      {"no policies", {}, "policies: none"},
      {"one, without a domain", {ResultFor("")}, "policies[0] has no policy-domain"},
      {"what it hides may be ours: the whole report waits",
       {ResultFor("firm.example"), ResultFor("else.example"), ResultFor("")},
       "policies[2] has no policy-domain"},
      {"without a domain, but at our MX",
       {ResultFor("", 1, PolicyType::kTlsa, {"mx1.firm.example"})},
       "policies[0] has no policy-domain"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    const auto got = FileReport(ReportOn(row.results), Ours(), Context());
    ASSERT_FALSE(got.has_value());
    EXPECT_EQ(got.error().kind, ErrorKind::kMalformed);
    EXPECT_NE(got.error().message.find(row.complaint), std::string::npos)
        << got.error().message;
    EXPECT_NE(got.error().message.find("import"), std::string::npos) << "the remedy";
  }
}

TEST(Filing, OursAndForeign) {
  constexpr auto kTlsa = PolicyType::kTlsa;
  struct Row {
    const char* why;
    std::vector<PolicyResult> results;
    // Domain and the success_sessions of its results, in order: 1, 2, ... tell them
    // apart.
    std::vector<std::pair<std::string, std::vector<std::int64_t>>> filed;
    std::vector<std::string> foreign;
  };
  const Row rows[] = {
      {"one of ours", {ResultFor("firm.example", 1)}, {{"firm.example", {1}}}, {}},
      {"wholly foreign", {ResultFor("else.example", 1)}, {}, {"else.example"}},
      {"two foreign, one of them twice: sorted, each once",
       {ResultFor("z.example", 1), ResultFor("a.example", 2), ResultFor("z.example", 3)},
       {},
       {"a.example", "z.example"}},
      {"Halon: two of ours and two foreign, the order of the report within each",
       {ResultFor("firm.example", 1), ResultFor("else.example", 2),
        ResultFor("a.example.net", 3), ResultFor("firm.example", 4, kTlsa),
        ResultFor("other.example", 5), ResultFor("firm.example", 6)},
       {{"a.example.net", {3}}, {"firm.example", {1, 4, 6}}},
       {"else.example", "other.example"}},
      {"below a wildcard each name is itself",
       {ResultFor("b.example.net", 1), ResultFor("a.b.example.net", 2)},
       {{"a.b.example.net", {2}}, {"b.example.net", {1}}},
       {}},
      {"the wildcard's own name is foreign",
       {ResultFor("example.net", 1)},
       {},
       {"example.net"}},
      {"Postfix: sts under the domain, tlsa under the MX",
       {ResultFor("firm.example", 1), ResultFor("mx1.firm.example", 2, kTlsa)},
       {{"firm.example", {1}}, {"mx1.firm.example", {2}}},
       {}},
      {"tlsa under the domain, and under the MX host, which others may have",
       {ResultFor("firm.example", 1, kTlsa, {"mx1.firm.example"}),
        ResultFor("firm.example", 2)},
       {{"firm.example", {1, 2}}, {"mx1.firm.example", {1}}},
       {}},
      {"mox to an MX operator: filed under the MX, and not foreign",
       {ResultFor("else.example", 1, kTlsa, {"mx1.firm.example"}),
        ResultFor("other.example", 2, kTlsa, {"mx1.firm.example"})},
       {{"mx1.firm.example", {1, 2}}},
       {}},
      {"the sts part of such a domain is foreign all the same",
       {ResultFor("else.example", 1, kTlsa, {"mx1.firm.example"}),
        ResultFor("else.example", 2)},
       {{"mx1.firm.example", {1}}},
       {"else.example"}},
      {"at two MX hosts of ours: whoever has one of them must see it",
       {ResultFor("else.example", 1, kTlsa, {"mx1.firm.example", "mx2.firm.example"}),
        ResultFor("mx2.firm.example", 2, kTlsa)},
       {{"mx1.firm.example", {1}}, {"mx2.firm.example", {1, 2}}},
       {}},
      {"at hosts that a pattern stands for: once",
       {ResultFor("a.pool.example", 1, kTlsa, {"b.pool.example"})},
       {{"*.pool.example", {1}}},
       {}},
      {"sts with our MX is somebody else's",
       {ResultFor("else.example", 1, PolicyType::kSts, {"mx1.firm.example"})},
       {},
       {"else.example"}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    const Report report = ReportOn(row.results);
    const auto got = FileReport(Report(report), Ours(), Context());
    ASSERT_TRUE(got.has_value()) << got.error().message;
    EXPECT_EQ(got->foreign_domains, row.foreign);
    ASSERT_EQ(got->filed.size(), row.filed.size());
    for (std::size_t i = 0; i < row.filed.size(); ++i) {
      const FiledReport& filed = got->filed[i];
      EXPECT_EQ(filed.policy_domain, row.filed[i].first);
      EXPECT_EQ(filed.report_key, ReportKey(report, filed.policy_domain));
      std::vector<std::int64_t> sessions;
      for (const PolicyResult& result : filed.results) {
        sessions.push_back(result.success_sessions);
        EXPECT_EQ(result.policy_domain, filed.policy_domain);
      }
      EXPECT_EQ(sessions, row.filed[i].second);
    }
  }
}

// They are looked for again once such a name is ours.
TEST(Filing, HostsThatMayBecomeOurs) {
  constexpr auto kTlsa = PolicyType::kTlsa;
  struct Row {
    const char* why;
    PolicyResult result;
    std::vector<std::string> foreign_hosts;
  };
  const Row rows[] = {
      {"Postfix: its pattern as well",
       ResultFor("mx.else.example", 1, kTlsa),
       {"*.else.example"}},
      {"in mx-host",
       ResultFor("else.example", 1, kTlsa, {"mx.other.example"}),
       {"*.other.example", "mx.other.example"}},
      {"a pattern of the sender's names none",
       ResultFor("else.example", 1, kTlsa, {"*.other.example"}),
       {}},
      {"filed under one host, and the other is not ours",
       ResultFor("else.example", 1, kTlsa, {"mx1.firm.example", "mx.other.example"}),
       {"*.other.example", "mx.other.example"}},
      {"all are ours, by name or by pattern",
       ResultFor("a.pool.example", 1, kTlsa, {"mx1.firm.example"}),
       {}},
      {"about a domain of ours",
       ResultFor("firm.example", 1, kTlsa, {"mx.other.example"}),
       {}},
      {"sts", ResultFor("else.example", 1, PolicyType::kSts, {"mx.other.example"}), {}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    const auto got = FileReport(ReportOn({row.result}), Ours(), Context());
    ASSERT_TRUE(got.has_value()) << got.error().message;
    EXPECT_EQ(got->foreign_mx_hosts, row.foreign_hosts);
  }
}

// Each would be a copy of all its details.
TEST(Filing, NoEntryIsAboutManyHosts) {
  std::set<std::string> ours;
  for (std::size_t i = 0; i <= kMaxFilingNames; ++i) {
    ours.insert("mx" + std::to_string(i) + ".firm.example");
  }
  const std::vector<std::string> hosts(ours.begin(), ours.end());
  const OwnDomains own({"firm.example"}, ours);
  const auto file = [&](std::size_t count) {
    return FileReport(
        ReportOn({ResultFor("else.example", 1, PolicyType::kTlsa,
                            {hosts.begin(), hosts.begin() + static_cast<long>(count)})}),
        own, Context());
  };
  ASSERT_TRUE(file(kMaxFilingNames));
  EXPECT_EQ(file(kMaxFilingNames)->filed.size(), kMaxFilingNames);
  ASSERT_FALSE(file(kMaxFilingNames + 1));
  EXPECT_EQ(file(kMaxFilingNames + 1).error().kind, ErrorKind::kMalformed);
}

// A report that is looked at again is no older than it was when it came, and what was in
// the future then may be past now.
TEST(Filing, ALaterLook) {
  FilingContext later = Context();
  later.received_at = later.now;
  later.now += days{800};
  const auto day = [&](sys_seconds start) {
    return FileReport(ReportOn({ResultFor("firm.example")}, start, start + 86399s),
                      Ours(), later);
  };
  EXPECT_TRUE(day(kAugust3).has_value());
  EXPECT_TRUE(day(kAugust3 + days{30}).has_value()) << "in the future when it came";
  EXPECT_FALSE(day(kAugust3 - days{800}).has_value()) << "too old already when it came";
  EXPECT_FALSE(day(kAugust3 + days{900}).has_value()) << "still in the future";
}

// What waits is written later than it came: by then whole months have been dropped.
TEST(Filing, AMonthThatWentWhileItWaited) {
  FilingContext context = Context();
  context.retention = months{2};
  context.received_at = context.now = sys_days{2026y / July / 31} + 23h;
  const auto on = [&](sys_days day) {
    return FileReport(ReportOn({ResultFor("firm.example")}, day, day + 86399s), Ours(),
                      context)
        .has_value();
  };
  const sys_days end_of_may{2026y / May / 31};
  context.written_at = sys_days{2026y / July / 31} + 24h - 1us;
  EXPECT_TRUE(on(end_of_may)) << "the month is still there";
  context.written_at = sys_days{2026y / August / 1};
  EXPECT_FALSE(on(end_of_may)) << "May went at midnight";
  EXPECT_TRUE(on(end_of_may + days{1}));
  context.written_at.reset();
  EXPECT_TRUE(on(end_of_may)) << "a rework: what was stored in time";
}

// The MX hosts of foreign `tlsa` results: with one of them added, the result is filed.
TEST(Filing, ForeignMxHostsAreKeptForALaterLook) {
  PolicyResult tlsa = ResultFor("customer.example");
  tlsa.policy_type = PolicyType::kTlsa;
  tlsa.mx_hosts = {"mx.host.example"};
  PolicyResult sts = ResultFor("other.example");
  sts.policy_type = PolicyType::kSts;
  sts.mx_hosts = {"mx.other.example"};
  const Report report = ReportOn({tlsa, sts, tlsa});
  const auto foreign = FileReport(Report(report), OwnDomains(), Context());
  ASSERT_TRUE(foreign.has_value());
  EXPECT_EQ(foreign->foreign_mx_hosts,
            (std::vector<std::string>{"*.host.example", "mx.host.example"}));
  const auto ours =
      FileReport(Report(report), OwnDomains({}, {"mx.host.example"}), Context());
  ASSERT_TRUE(ours.has_value());
  EXPECT_EQ(ours->filed.size(), 1u);
  EXPECT_TRUE(ours->foreign_mx_hosts.empty());
}

TEST(Filing, EveryPartCarriesTheReport) {
  Report report = ReportOn({ResultFor("firm.example"), ResultFor("a.example.net")});
  report.anomalies = {{AnomalyCode::kTimeWithoutOffset, "date-range.start-datetime"}};
  PolicyResult& result = report.results[0];
  result.policy = PolicyText{};
  result.policy->lines = {"mode: testing"};
  result.failure_sessions = 3;
  result.unexplained_sessions = 1;
  result.details.emplace_back().failed_sessions = 2;

  const auto got = FileReport(Report(report), Ours(), Context());
  ASSERT_TRUE(got.has_value());
  ASSERT_EQ(got->filed.size(), 2u);
  for (const FiledReport& filed : got->filed) {
    EXPECT_EQ(filed.provenance, Provenance::kDkim);
    EXPECT_EQ(filed.reporter, "google.com");
    EXPECT_EQ(filed.report_ix, 2);
    EXPECT_EQ(filed.organisation, report.organisation);
    EXPECT_EQ(filed.report_id, report.report_id);
    EXPECT_EQ(filed.contact, report.contact);
    EXPECT_EQ(filed.period_start, report.period_start);
    EXPECT_EQ(filed.period_end, report.period_end);
    EXPECT_EQ(filed.anomalies, report.anomalies);
  }
  ASSERT_EQ(got->filed[1].policy_domain, "firm.example");
  EXPECT_EQ(got->filed[1].results, std::vector{report.results[0]}) << "nothing is lost";
}

TEST(Filing, NothingConfiguredFilesNothing) {
  const auto got =
      FileReport(ReportOn({ResultFor("firm.example")}), OwnDomains(), Context());
  ASSERT_TRUE(got.has_value());
  EXPECT_TRUE(got->filed.empty());
  EXPECT_EQ(got->foreign_domains, std::vector<std::string>{"firm.example"});
}

}  // namespace
}  // namespace tlsrpt::store
