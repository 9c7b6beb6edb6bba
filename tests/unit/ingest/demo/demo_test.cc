#include "ingest/demo/demo.h"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "ingest/demo/senders.h"
#include "ingest/report/report_parser.h"
#include "store/model/demo.h"
#include "store/model/observation_json.h"
#include "store/model/reporter.h"

namespace tlsrpt::ingest {
namespace {

using namespace std::chrono;  // NOLINT: literals and days

constexpr TimePoint kNow = sys_days{2026y / November / 26} + 9h + 30min;

store::Report Parsed(const std::string& json) {
  auto report = ParseReport(json);
  EXPECT_TRUE(report.has_value()) << (report ? "" : report.error().message) << json;
  return report ? *std::move(report) : store::Report{};
}

TEST(Demo, EveryReportIsReadAsItsSendersAre) {
  for (const DemoDomain& domain : MakeDemo(kNow, kNow)) {
    SCOPED_TRACE(domain.domain);
    EXPECT_FALSE(domain.reports.empty());
    for (const DemoReport& told : domain.reports) {
      const store::Report report = Parsed(told.json);
      // Its TLSA records are one string with JSON in it.
      EXPECT_TRUE(report.anomalies.empty() ||
                  report.organisation == "Microsoft Corporation")
          << told.json;
      EXPECT_FALSE(store::ReporterOfContact(report.contact).empty()) << told.json;
      EXPECT_LT(report.period_start + 23h, told.received_at);
      EXPECT_LE(told.received_at, kNow);
      for (const store::PolicyResult& result : report.results) {
        EXPECT_TRUE(result.policy_domain == domain.domain ||
                    domain.mx_hosts.contains(result.policy_domain))
            << told.json;
        EXPECT_EQ(result.unexplained_sessions, 0) << told.json;
      }
    }
  }
}

// Whatever is told is told of names that are nobody's.
TEST(Demo, AllLiesBelowTheDemosParent) {
  const std::string below = "." + std::string(store::kDemoParent);
  for (const DemoDomain& domain : MakeDemo(kNow, kNow)) {
    EXPECT_TRUE(domain.domain.ends_with(below)) << domain.domain;
    for (const std::string& host : domain.mx_hosts) {
      EXPECT_TRUE(host.ends_with("." + domain.domain)) << host;
    }
  }
}

// What a day was is not told differently later, whatever is broken: of a demo that goes
// on only what came meanwhile is new.
TEST(Demo, ADayIsToldTheSameOnEveryDay) {
  std::map<std::string, TimePoint> told;
  for (const DemoDomain& domain : MakeDemo(kNow, kNow)) {
    for (const DemoReport& report : domain.reports)
      told[report.json] = report.received_at;
  }
  std::size_t again = 0;
  std::size_t fresh = 0;
  for (const DemoDomain& domain : MakeDemo(kNow, kNow + days{2})) {
    for (const DemoReport& report : domain.reports) {
      const auto before = told.find(report.json);
      if (before == told.end()) {
        ++fresh;
        EXPECT_GT(report.received_at, kNow) << report.json;
      } else {
        ++again;
        EXPECT_EQ(report.received_at, before->second) << report.json;
      }
    }
  }
  EXPECT_GT(again, 300u);
  EXPECT_GT(fresh, 20u);
}

// A look of a past day, too: certificates are what it goes by.
TEST(Demo, ALookIsTheSameOnEveryDay) {
  std::map<std::pair<std::string, TimePoint>, std::string> seen;
  for (const DemoDomain& domain : MakeDemo(kNow, kNow)) {
    for (const store::Observation& look : domain.looks) {
      seen[{domain.domain, look.observed_at}] = store::ToJson(look);
    }
  }
  std::size_t again = 0;
  for (const DemoDomain& domain : MakeDemo(kNow, kNow + days{2})) {
    for (const store::Observation& look : domain.looks) {
      const auto before = seen.find({domain.domain, look.observed_at});
      if (before == seen.end()) continue;
      ++again;
      EXPECT_EQ(store::ToJson(look), before->second);
    }
  }
  EXPECT_EQ(again, 5u * (kDemoDays - 2));
}

// However long it goes on, what is well has a certificate that is.
TEST(Demo, CertificatesAreReplacedInTime) {
  for (int day = 0; day < 100; ++day) {
    const TimePoint now = kNow + days{day};
    const DemoDomain ready = MakeDemo(kNow, now).front();
    for (const auto& address : ready.looks.back().addresses) {
      EXPECT_LE(address.certificate->not_before, now);
      EXPECT_GE(address.certificate->not_after, now + days{29});
    }
  }
}

TEST(Demo, OnlyTheForgedReportIsVouchedForByNobody) {
  std::size_t forged = 0;
  for (const DemoDomain& domain : MakeDemo(kNow, kNow)) {
    for (const DemoReport& told : domain.reports) {
      if (told.vouched) continue;
      ++forged;
      EXPECT_EQ(domain.domain, "ready.demo.example");
      EXPECT_EQ(Parsed(told.json).organisation, "Google Inc.");
      EXPECT_GT(Parsed(told.json).results.at(0).failure_sessions, 0);
    }
  }
  EXPECT_EQ(forged, 1u);
}

TEST(Demo, OneLookADayAndOneNow) {
  for (const DemoDomain& domain : MakeDemo(kNow, kNow)) {
    std::set<sys_days> on;
    for (const store::Observation& look : domain.looks) {
      on.insert(floor<days>(look.observed_at));
      EXPECT_TRUE(look.complete);
      EXPECT_LE(look.observed_at, kNow);
    }
    EXPECT_EQ(on.size(), static_cast<std::size_t>(kDemoDays) + 1);
    EXPECT_EQ(domain.looks.back().observed_at, kNow);
  }
}

TEST(Demo, ReportIdsOfADomainAreEachReportsOwn) {
  std::map<std::string, std::string> seen;
  for (const DemoDomain& domain : MakeDemo(kNow, kNow)) {
    for (const DemoReport& told : domain.reports) {
      const std::string id = Parsed(told.json).report_id;
      EXPECT_TRUE(seen.emplace(id + told.json.substr(0, 60), told.json).second) << id;
      EXPECT_FALSE(id.empty());
    }
  }
}

// What each sender does in its own way (RFC 8460, 4.4 allows all of it).
TEST(DemoSenders, WriteAsTheirOriginalsDo) {
  ToldDay told{.domain = "ready.demo.example",
               .day = sys_days{2026y / November / 20},
               .mx = {"mx1.ready.demo.example", "mx2.ready.demo.example"},
               .dane = true,
               .sessions = 20,
               .failure = ToldFailure{store::ResultType::kCertificateExpired,
                                      "mx2.ready.demo.example", 3, ""}};
  const store::Report microsoft = Parsed(ReportOf(Sender::kMicrosoft, told));
  ASSERT_EQ(microsoft.results.size(), 2u) << "the same sessions twice";
  EXPECT_EQ(microsoft.results[0].success_sessions, 17);
  EXPECT_EQ(microsoft.results[1].policy_type, store::PolicyType::kTlsa);
  EXPECT_EQ(microsoft.results[1].success_sessions, 20);
  EXPECT_TRUE(microsoft.report_id.ends_with("+ready.demo.example"));

  const store::Report mail_ru = Parsed(ReportOf(Sender::kMailRu, told));
  EXPECT_EQ(mail_ru.period_end, sys_seconds(sys_days{2026y / November / 21}));

  const store::Report postfix = Parsed(ReportOf(Sender::kPostfix, told));
  ASSERT_EQ(postfix.results.size(), 1u);
  EXPECT_EQ(postfix.results[0].policy_domain, "mx1.ready.demo.example");

  const store::Report google = Parsed(ReportOf(Sender::kGoogle, told));
  ASSERT_EQ(google.results[0].details.size(), 1u);
  EXPECT_EQ(google.results[0].details[0].failed_sessions, 3);
  EXPECT_EQ(google.results[0].details[0].receiving_mx, "mx2.ready.demo.example");

  told.failure = ToldFailure{store::ResultType::kStsPolicyFetchError, "", 1, "503"};
  EXPECT_FALSE(Parsed(ReportOf(Sender::kMailRu, told)).results[0].policy.has_value())
      << "who could not fetch it has no text to tell";
}

}  // namespace
}  // namespace tlsrpt::ingest
